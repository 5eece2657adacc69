package dev.tenon.formats.onnx;

import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.If;
import dev.tenon.graph.control.Loop;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
        If op = new If(node.lowerBody(then, List.of(), 0, captured), node.lowerBody(otherwise, List.of(), 0, captured));
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
        Graph body = node.lowerBody(proto, formal, 2, captured);
        Set<Dim> any = new HashSet<>();
        while (generalise(node, formal, body, any)) {
            body = node.lowerBody(proto, formal, 2, captured);
        }
        List<Value> operands = new ArrayList<>();
        operands.add(scalar(node, node.input(0)));
        operands.add(scalar(node, node.input(1)));
        for (int i = 0; i < carried; i++) {
            operands.add(node.input(2 + i));
        }
        operands.addAll(captured.values());
        return node.finish(new Loop(body, carried), operands);
    }

    /** The number of rounds and the condition may be tensors of one element; bodies get scalars. */
    private static Value scalar(NodeLowering node, Value v) {
        if (v == null || !node.shapeOf(v).hasRank() || node.shapeOf(v).rank() == 0) {
            return v;
        }
        return node.add("Reshape", Attributes.none(), v, node.constant(Tensor.of(new long[0], 0)));
    }

    /**
     * Carried values whose shape changes in the body get dimensions that only run time knows, or an unknown rank, and the
     * body is lowered again, until what goes in covers what comes out. Ends: each round makes a type more general.
     */
    private static boolean generalise(NodeLowering node, List<InferContext.Operand> formal, Graph body, Set<Dim> any) {
        boolean changed = false;
        for (int i = 0; 2 + i < formal.size() && 1 + i < body.outputs().size(); i++) {
            ValueType in = formal.get(2 + i).type();
            ValueType covering = cover(node, in, body.outputs().get(1 + i).type(), any);
            if (!covering.equals(in)) {
                formal.set(2 + i, new InferContext.Operand(covering));
                changed = true;
            }
        }
        return changed;
    }

    /** The type itself if it covers another, a more general one if not. Types of different kinds are left to inference. */
    private static ValueType cover(NodeLowering node, ValueType in, ValueType out, Set<Dim> any) {
        if (in instanceof SequenceType a && out instanceof SequenceType b) {
            return new SequenceType(cover(node, a.element(), b.element(), any));
        }
        if (in instanceof OptionalType a && out instanceof OptionalType b) {
            return new OptionalType(cover(node, a.element(), b.element(), any));
        }
        if (!(in instanceof TensorType a)
                || !(out instanceof TensorType b)
                || !a.shape().hasRank()) {
            return in;
        }
        if (!b.shape().hasRank() || a.shape().rank() != b.shape().rank()) {
            return new TensorType(a.dtype(), Shape.unknownRank());
        }
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < a.shape().rank(); i++) {
            Dim dim = a.shape().dim(i);
            if (!any.contains(dim) && !dim.equals(b.shape().dim(i))) {
                dim = node.freshDim();
                any.add(dim);
            }
            dims.add(dim);
        }
        return new TensorType(a.dtype(), Shape.of(dims));
    }
}
