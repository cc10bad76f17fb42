"""A made-up Finnish coast with known truth, for the demo, the docs and the tests. Nothing in it is real."""

from lea_geo.synthetic.geography import areas as areas
from lea_geo.synthetic.geography import municipalities as municipalities
from lea_geo.synthetic.geography import water as water
from lea_geo.synthetic.households import YEARS as YEARS
from lea_geo.synthetic.paavo import grid_table as grid_table
from lea_geo.synthetic.paavo import indicator_table as indicator_table
from lea_geo.synthetic.paavo import municipality_table as municipality_table
from lea_geo.synthetic.population import cells as cells
from lea_geo.synthetic.population import families as families
from lea_geo.synthetic.population import persons as persons
from lea_geo.synthetic.service_list import services as services
from lea_geo.synthetic.truth import Divergence as Divergence
from lea_geo.synthetic.truth import Effect as Effect
from lea_geo.synthetic.truth import Truth as Truth
from lea_geo.synthetic.truth import truth as truth
from lea_geo.synthetic.world import write_world as write_world
