package dev.tenon.formats.onnx;

/** The operators of the domain {@code ai.onnx.preview}, which the standard tries out before it adopts them. */
final class PreviewDomain {
    static final String NAME = "ai.onnx.preview";

    private PreviewDomain() {}

    static void rows(OperatorTable t) {
        t.lowered(1, "FlexAttention", FlexAttention::lower);
    }
}
