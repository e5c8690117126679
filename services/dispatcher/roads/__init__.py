"""Knows the metres and seconds between places and the course of a route; refuses to know coaches and rests."""

from services.dispatcher.roads.port import Leg, Matrix, NoRoad, Place, Roads, Route, UnknownPlace
from services.dispatcher.roads.table import TableRoads

__all__ = ["Leg", "Matrix", "NoRoad", "Place", "Roads", "Route", "TableRoads", "UnknownPlace"]
