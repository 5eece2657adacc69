package dev.tenon.compression.search;

import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.Step;
import java.util.function.Function;

/**
 * A technique that a search may choose for a layer.
 *
 * @param name its name
 * @param maker makes the step that changes only layers which a filter accepts
 * @param isMeasuredOnly whether only its sensitivity is wanted, and no plan may take it
 */
record Option(String name, Function<LayerFilter, Step> maker, boolean isMeasuredOnly) {}
