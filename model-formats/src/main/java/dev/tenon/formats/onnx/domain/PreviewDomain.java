package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.lowering.OperatorTable;

/** The operators of the domain {@code ai.onnx.preview}, which the standard tries out before it adopts them. */
public final class PreviewDomain {
    /** The name of the domain. */
    public static final String NAME = "ai.onnx.preview";

    private PreviewDomain() {}

    /**
     * Adds the rows of the operators to a table.
     *
     * @param t the table
     */
    public static void rows(OperatorTable t) {
        t.lowered(1, "FlexAttention", FlexAttention::lower);
    }
}
