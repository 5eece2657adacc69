package dev.tenon.formats.onnx;

import dev.tenon.formats.onnx.OnnxTable.Sink;

/**
 * The lines of the {@link OnnxTable} for the domain {@code ai.onnx.ml}. Its versions are counted apart from the main
 * domain's.
 */
final class TabularLines {
    static final String DOMAIN = "ai.onnx.ml";

    /** The newest version of the domain. */
    private static final int NEWEST = 5;

    private TabularLines() {}

    static void add(Sink table) {
        same(table, 1, "LinearRegressor");
    }

    private static void same(Sink table, int first, String... names) {
        for (String name : names) {
            table.line(DOMAIN, name, first, NEWEST, NodeLowering::unchanged);
        }
    }
}
