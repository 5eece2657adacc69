package dev.tenon.formats.onnx;

import static dev.tenon.formats.onnx.OnnxTable.NEWEST;

/** The lines of the {@link OnnxTable}. */
final class OnnxLines {
    private OnnxLines() {}

    static void add(OnnxTable.Sink table) {
        table.line("", "Constant", 1, NEWEST, Lowerings::constant);
        table.line("", "If", 1, NEWEST, ControlLowerings::ifElse);
        table.line("", "Loop", 1, NEWEST, ControlLowerings::loop);
        for (String name : new String[] {
            "Shape",
            "Gather",
            "Concat",
            "Reshape",
            "Transpose",
            "MatMul",
            "MatMulInteger",
            "DynamicQuantizeLinear",
            "DequantizeLinear",
            "Cast",
            "Where",
            "Equal",
            "Expand",
            "ConstantOfShape",
            "Erf",
            "Sqrt",
            "Relu",
            "Gemm",
            "Flatten",
            "Identity"
        }) {
            table.line("", name, 1, NEWEST, NodeLowering::unchanged);
        }
        for (String name : new String[] {"Add", "Sub", "Mul", "Div", "Pow"}) {
            table.line("", name, 7, NEWEST, NodeLowering::unchanged);
        }
        table.line("", "Squeeze", 1, 12, Lowerings::axesAsInput);
        table.line("", "Squeeze", 13, NEWEST, NodeLowering::unchanged);
        table.line("", "Unsqueeze", 1, 12, Lowerings::axesAsInput);
        table.line("", "Unsqueeze", 13, NEWEST, NodeLowering::unchanged);
        table.line("", "ReduceMean", 1, 17, Lowerings::axesAsInput);
        table.line("", "ReduceMean", 18, NEWEST, NodeLowering::unchanged);
        table.line("", "Slice", 10, NEWEST, NodeLowering::unchanged);
        table.line("", "Softmax", 1, 12, Lowerings::coercedToMatrix);
        table.line("", "Softmax", 13, NEWEST, NodeLowering::unchanged);
    }
}
