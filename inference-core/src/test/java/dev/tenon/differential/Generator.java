package dev.tenon.differential;

/** Makes random valid models of one operator. */
@FunctionalInterface
public interface Generator {
    /** A model with its inputs; all that is random comes from the draw. */
    Sketch sketch(Draw draw);
}
