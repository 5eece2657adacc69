package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.onnx.data.OnnxAttributes;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.fused.QuantizedOperator;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.shape.Concat;
import java.util.ArrayList;
import java.util.List;

/**
 * An operator on quantised numbers as ONNX Runtime has it.
 *
 * @param operator the name of the operator
 * @param operands its operands, null for those left out
 * @param attributes its attributes
 */
record QuantizedForm(String operator, List<Value> operands, Attributes attributes) {
    /**
     * The operator for a node.
     *
     * @param node a node of {@link QuantizedOperator}
     */
    static QuantizedForm of(Node node) {
        QuantizedOperator quantized = (QuantizedOperator) node.op();
        List<Value> inputs = node.inputs();
        int result = QuantizedOperator.PARTS * quantized.operands(inputs.size());
        List<Value> parts = inputs.subList(0, result);
        List<Value> unit = inputs.subList(result, result + 2);
        String name = quantized.op().schema().name();
        Attributes attributes = OnnxAttributes.without(quantized.op().attributes(), "beta");
        List<Value> operands = new ArrayList<>();
        if (quantized.op() instanceof Concat) {
            operands.addAll(unit);
            operands.addAll(parts);
        } else {
            operands.addAll(parts);
            if (quantized.op() instanceof Gemm) {
                operands.add(inputs.size() > result + 2 ? inputs.get(result + 2) : null);
            }
            operands.addAll(unit);
        }
        return new QuantizedForm(quantized.op() instanceof Gemm ? "QGemm" : "QLinear" + name, operands, attributes);
    }
}
