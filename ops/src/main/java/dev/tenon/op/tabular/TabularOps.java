package dev.tenon.op.tabular;

import dev.tenon.op.OpSet;

/** The table of the operators on tables: the domain {@code ai.onnx.ml}. */
public final class TabularOps {
    /** The domain. */
    public static final String DOMAIN = "ai.onnx.ml";

    /** All operators of this package. */
    public static final OpSet SET =
            OpSet.empty().with(LinearRegressor.SCHEMA, LinearRegressor.class, LinearRegressor::of);

    private TabularOps() {}
}
