"""What QGIS makes of a GeoPackage, as JSON; run by Debian's Python, which has no lea_geo.

python3 qgis_probe.py FILE FOLDER [LAYER ...]: opens every layer as a person would, and draws every style of
those named into FOLDER, as LAYER-NUMBER.png.
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProviderRegistry,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument


def draw(layer, path):
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(640, 480))
    settings.setOutputDpi(96)
    settings.setDestinationCrs(layer.crs())
    extent = layer.extent()
    extent.scale(1.05)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(path + ".png")
    bits = picture.constBits()
    bits.setsize(picture.sizeInBytes())
    pixels = {bytes(one) for one in zip(*[iter(bytes(bits))] * 4, strict=True)}  # Blue, green, red, opacity.
    return sorted(f"#{red:02x}{green:02x}{blue:02x}" for blue, green, red, _ in pixels)


def legend(renderer):
    if renderer.type() == "categorizedSymbol":
        return [[str(one.value()), one.label()] for one in renderer.categories()]
    return [[rule.filterExpression(), rule.label()] for rule in renderer.rootRule().children()]


def symbol_layers(renderer):
    categorized = renderer.type() == "categorizedSymbol"
    entries = renderer.categories() if categorized else renderer.rootRule().children()
    # The entries own their symbols, so they must live as long as these are asked.
    return [
        [one.symbol().symbolLayer(k).layerType() for k in range(one.symbol().symbolLayerCount())]
        for one in entries
    ]


def fields(layer):
    told = {}
    for number, field in enumerate(layer.fields()):
        setup = layer.editorWidgetSetup(number)
        words = setup.config().get("map", []) if setup.type() == "ValueMap" else []
        told[field.name()] = [layer.attributeAlias(number), {v: k for one in words for k, v in one.items()}]
    return told


def tips(layer):
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    found = []
    for feature in layer.getFeatures():
        context.setFeature(feature)
        found.append(QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context))
    return found


def undrawn(layer):
    """How many areas no class of the legend is for."""
    renderer = layer.renderer().clone()
    context = QgsRenderContext()
    context.expressionContext().appendScopes(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    renderer.startRender(context, layer.fields())
    count = 0
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        count += not renderer.willRenderFeature(feature, context)
    renderer.stopRender(context)
    return count


def styles(layer, path):
    """The styles that the layer offers, each as it looks when it is chosen."""
    count, ids, names, _, _ = layer.listStylesInDatabase()
    found = []
    for number, name in sorted(zip(map(int, ids[:count] if count > 0 else ids), names, strict=False)):
        before = layer.attributeAlias(1)
        text, _ = layer.getStyleFromDatabase(str(number))
        document = QDomDocument()
        document.setContent(text)
        ok, _ = layer.importNamedStyle(document)
        one = {"name": name, "ok": ok, "type": layer.renderer().type(), "legend": legend(layer.renderer())}
        one["symbols"] = symbol_layers(layer.renderer())
        one["undrawn"], one["keeps"] = undrawn(layer), layer.attributeAlias(1) == before != ""
        if path:
            one["colours"] = draw(layer, path + "-" + str(len(found)))
        found.append(one)
    return found


def told(path, name, folder, drawn):
    layer = QgsVectorLayer(path + "|layername=" + name, name, "ogr")
    found = {"valid": layer.isValid(), "count": layer.featureCount(), "spatial": layer.isSpatial()}
    found["fields"] = fields(layer)
    if layer.isSpatial():
        found["crs"], found["tips"] = layer.crs().authid(), tips(layer)[:60]
        found["type"], found["legend"] = layer.renderer().type(), legend(layer.renderer())
        found["symbols"] = symbol_layers(layer.renderer())
        found["undrawn"] = undrawn(layer)
        if name in drawn:
            found["styles"] = styles(layer, f"{folder}/{name}")
    return found


def main():
    path, folder, *drawn = sys.argv[1:]
    parts = QgsProviderRegistry.instance().querySublayers(path)
    sys.stdout.write(
        json.dumps({part.name(): told(path, part.name(), folder, drawn) for part in parts}) + "\n"
    )


app = QgsApplication([], False)
app.initQgis()
main()
sys.stdout.flush()
os._exit(0)  # exitQgis() crashes on objects that Python still holds
