"""The made-up services stand where they say."""

import shapely

import lea_geo as lea


def test_every_service_stands_in_the_area_that_it_names():
    areas, services = lea.synthetic.areas(), lea.synthetic.services()
    assert services.crs == areas.crs
    for row in services.itertuples():
        assert shapely.contains(areas.geometry[row.area_id], row.geometry)
        assert (row.geometry.x, row.geometry.y) == (row.x, row.y)


def test_families_in_need_on_larch_cape_have_no_family_centre_near():
    areas, services = lea.synthetic.areas(), lea.synthetic.services()
    centres = services[services["kind"] == "family_centre"]
    cape = areas[areas["zone"] == "larch_cape"].geometry.representative_point()
    nearest = cape.apply(lambda spot: centres.distance(spot).min())
    assert nearest.min() > 3_000
