package dev.tenon.formats.onnx;

import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.If;
import dev.tenon.graph.control.Loop;
import dev.tenon.op.InferContext;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Lowerings of operators that hold graphs: what bodies use from around them becomes operands. */
final class ControlLowerings {
    private static final InferContext.Operand ROUND =
            new InferContext.Operand(new TensorType(DType.INT64, Shape.scalar()));
    private static final InferContext.Operand CONDITION =
            new InferContext.Operand(new TensorType(DType.BOOL, Shape.scalar()));

    private ControlLowerings() {}

    static List<Value> ifElse(NodeLowering node) {
        GraphProto then = node.body("then_branch");
        GraphProto otherwise = node.body("else_branch");
        Map<String, Value> captured = node.captured(List.of(then, otherwise));
        If op = new If(node.lowerBody(then, List.of(), captured), node.lowerBody(otherwise, List.of(), captured));
        List<Value> operands = new ArrayList<>(node.inputs());
        operands.addAll(captured.values());
        return node.finish(op, operands);
    }

    static List<Value> loop(NodeLowering node) {
        GraphProto proto = node.body("body");
        Map<String, Value> captured = node.captured(List.of(proto));
        int carried = Math.max(0, node.inputs().size() - 2);
        List<InferContext.Operand> formal = new ArrayList<>(List.of(ROUND, CONDITION));
        for (int i = 0; i < carried; i++) {
            Value initial = node.input(2 + i);
            if (initial == null) {
                throw node.error("carried value " + i + " is missing", null, "give its initial value");
            }
            formal.add(new InferContext.Operand(initial.type()));
        }
        Graph body = node.lowerBody(proto, formal, captured);
        while (generalise(formal, body, carried)) {
            body = node.lowerBody(proto, formal, captured);
        }
        List<Value> operands = new ArrayList<>();
        operands.add(node.input(0));
        operands.add(node.input(1));
        for (int i = 0; i < carried; i++) {
            operands.add(node.input(2 + i));
        }
        operands.addAll(captured.values());
        return node.finish(new Loop(body, carried), operands);
    }

    /**
     * Carried values whose shape changes in the body are taken as of unknown rank, and the body is lowered again, until
     * what goes in covers what comes out. Ends: each round makes at least one type more general.
     */
    private static boolean generalise(List<InferContext.Operand> formal, Graph body, int carried) {
        boolean changed = false;
        for (int i = 0; i < carried && 1 + i < body.outputs().size(); i++) {
            ValueType in = formal.get(2 + i).type();
            ValueType out = body.outputs().get(1 + i).type();
            if (in instanceof TensorType t && t.shape().hasRank() && !in.equals(out)) {
                formal.set(2 + i, new InferContext.Operand(new TensorType(t.dtype(), Shape.unknownRank())));
                changed = true;
            }
        }
        return changed;
    }
}
