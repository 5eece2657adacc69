package dev.tenon.op;

/**
 * A graph as the value of an attribute. Operators of this package cannot refer to the class of graphs, which belongs to
 * a module above. That class implements this interface.
 */
public interface GraphAttribute {}
