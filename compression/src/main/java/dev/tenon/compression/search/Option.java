package dev.tenon.compression.search;

import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.Step;
import java.util.function.Function;

/**
 * A technique of a search.
 *
 * @param name its name
 * @param maker makes the step that changes only layers which a filter accepts
 * @param use where it is tried
 */
record Option(String name, Function<LayerFilter, Step> maker, Use use) {
    /** Where an option is tried. */
    enum Use {
        /** On all layers and on each one; a plan may take it for any. */
        CHOICE,
        /** On all layers together; a plan takes it for all of them or for none. */
        WHOLE,
        /** On each layer; no plan may take it. */
        MEASURED
    }
}
