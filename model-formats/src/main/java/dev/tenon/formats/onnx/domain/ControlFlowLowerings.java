package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.If;
import dev.tenon.graph.control.Loop;
import dev.tenon.graph.control.Scan;
import dev.tenon.graph.control.SequenceMap;
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

/** Lowerings of operators that hold graphs. The values around a body that the body uses become operands. */
final class ControlFlowLowerings {
    private static final InferContext.Operand TRIP =
            new InferContext.Operand(new TensorType(DType.INT64, Shape.scalar()));
    private static final InferContext.Operand CONDITION =
            new InferContext.Operand(new TensorType(DType.BOOL, Shape.scalar()));

    private ControlFlowLowerings() {}

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
        List<InferContext.Operand> formal = new ArrayList<>(List.of(TRIP, CONDITION));
        for (int i = 0; i < carried; i++) {
            Value initial = node.input(2 + i);
            if (initial == null) {
                throw node.error("carried value " + i + " is missing", null, "give its initial value");
            }
            formal.add(new InferContext.Operand(initial.type()));
        }
        Graph body = node.lowerBody(proto, formal, 2, captured);
        Set<Dim> any = new HashSet<>();
        while (generalise(node, formal, 2, body, 1, carried, any)) {
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

    /** Scan since version 9. */
    static List<Value> scan(NodeLowering node) {
        int scans = scans(node, node.inputs().size());
        int states = node.inputs().size() - scans;
        List<InferContext.Operand> formal = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            Value v = given(node, i);
            long axis = at(node, "scan_input_axes", i - states);
            formal.add(
                    new InferContext.Operand(i < states ? v.type() : slice(node, node.dtype(i), node.shape(i), axis)));
        }
        GraphProto proto = node.body("body");
        Map<String, Value> captured = node.captured(List.of(proto));
        Graph body = scanBody(node, proto, formal, states, captured);
        List<Value> operands = new ArrayList<>(node.inputs());
        operands.addAll(captured.values());
        Attributes a = node.attributes();
        Scan op = new Scan(
                body,
                states,
                scans,
                list(a, "scan_input_axes"),
                list(a, "scan_input_directions"),
                list(a, "scan_output_axes"),
                list(a, "scan_output_directions"));
        return node.finish(op, operands);
    }

    private static Graph scanBody(
            NodeLowering node,
            GraphProto proto,
            List<InferContext.Operand> formal,
            int states,
            Map<String, Value> captured) {
        Graph body = node.lowerBody(proto, formal, 0, captured);
        Set<Dim> any = new HashSet<>();
        while (generalise(node, formal, 0, body, 0, states, any)) {
            body = node.lowerBody(proto, formal, 0, captured);
        }
        return body;
    }

    /**
     * Scan-8, whose values all have a first axis for the batch. It becomes a Scan over that axis with the scan as its
     * body.
     */
    static List<Value> scanOfBatch(NodeLowering node) {
        if (node.input(0) != null) {
            throw new UnsupportedModelException(
                    "Scan", "sequence_lens", "Scan of version 8 without sequence_lens", "export with opset 9 or newer");
        }
        int count = node.inputs().size() - 1;
        int scans = scans(node, count);
        int states = count - scans;
        List<InferContext.Operand> outside = new ArrayList<>();
        List<InferContext.Operand> inside = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            given(node, 1 + i);
            TensorType element = slice(node, node.dtype(1 + i), node.shape(1 + i), 0);
            outside.add(new InferContext.Operand(element));
            inside.add(
                    i < states
                            ? outside.getLast()
                            : new InferContext.Operand(slice(node, element.dtype(), element.shape(), 0)));
        }
        GraphProto proto = node.body("body");
        Map<String, Value> captured = node.captured(List.of(proto));
        Graph body = scanBody(node, proto, inside, states, captured);
        List<Long> directions = list(node.attributes(), "directions");
        Scan inner = new Scan(body, states, scans, List.of(), directions, List.of(), List.of());
        GraphBuilder builder = node.bodyBuilder(proto.name() + ".batch");
        List<Value> formal = new ArrayList<>();
        outside.forEach(operand -> formal.add(builder.input(builder.unique("element"), operand)));
        captured.forEach((name, v) -> formal.add(builder.input(builder.unique(name), v.operand())));
        List<String> names = new ArrayList<>();
        body.outputNames().forEach(name -> names.add(builder.unique(name)));
        List<Value> results = builder.add(inner, "", formal, names);
        for (int i = 0; i < results.size(); i++) {
            builder.output(names.get(i), results.get(i));
        }
        List<Value> operands = new ArrayList<>(node.inputs().subList(1, 1 + count));
        operands.addAll(captured.values());
        Scan outer = new Scan(builder.build(), 0, count, List.of(), List.of(), List.of(), List.of());
        return node.finish(outer, operands);
    }

    static List<Value> sequenceMap(NodeLowering node) {
        List<InferContext.Operand> formal = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            ValueType type = given(node, i).type();
            formal.add(new InferContext.Operand(type instanceof SequenceType s ? s.element() : type));
        }
        GraphProto proto = node.body("body");
        Map<String, Value> captured = node.captured(List.of(proto));
        Graph body = node.lowerBody(proto, formal, 0, captured);
        List<Value> operands = new ArrayList<>(node.inputs());
        operands.addAll(captured.values());
        return node.finish(new SequenceMap(body, formal.size()), operands);
    }

    private static int scans(NodeLowering node, int inputs) {
        long scans = node.attributes().integer("num_scan_inputs", 0);
        if (scans < 1 || scans > inputs) {
            throw node.error("num_scan_inputs is " + scans, "[1, " + inputs + "]", null);
        }
        return (int) scans;
    }

    private static Value given(NodeLowering node, int i) {
        if (node.input(i) == null) {
            throw node.error("input " + i + " is missing", null, "leave no input out");
        }
        return node.input(i);
    }

    private static List<Long> list(Attributes a, String name) {
        return a.integers(name, List.of());
    }

    private static long at(NodeLowering node, String name, int i) {
        List<Long> list = list(node.attributes(), name);
        return i >= 0 && i < list.size() ? list.get(i) : 0;
    }

    /** The type of a slice along an axis. */
    private static TensorType slice(NodeLowering node, DType dtype, Shape shape, long axis) {
        if (!shape.hasRank()) {
            return new TensorType(dtype, shape);
        }
        int rank = shape.rank();
        if (axis < -rank || axis >= rank) {
            throw node.error(
                    "axis " + axis + " is outside for shape " + shape, "[" + -rank + ", " + (rank - 1) + "]", null);
        }
        List<Dim> dims = new ArrayList<>(shape.dims());
        dims.remove((int) (axis < 0 ? axis + rank : axis));
        return new TensorType(dtype, Shape.of(dims));
    }

    /** Turns the trip count or the condition into a scalar. A file may have a tensor of one element. */
    private static Value scalar(NodeLowering node, Value v) {
        if (v == null || !node.shapeOf(v).hasRank() || node.shapeOf(v).rank() == 0) {
            return v;
        }
        return node.add("Reshape", Attributes.none(), v, node.constant(Tensor.of(new long[0], 0)));
    }

    /**
     * Makes the types of carried values more general if the body changes their shapes: dimensions that only run time
     * knows, or an unknown rank. The body is then lowered again, until the types that go in cover the types that come
     * out. This ends because each round makes a type more general.
     */
    private static boolean generalise(
            NodeLowering node,
            List<InferContext.Operand> formal,
            int firstInput,
            Graph body,
            int firstOutput,
            int carried,
            Set<Dim> any) {
        boolean changed = false;
        for (int i = 0; i < carried && firstOutput + i < body.outputs().size(); i++) {
            ValueType in = formal.get(firstInput + i).type();
            ValueType covering =
                    cover(node, in, body.outputs().get(firstOutput + i).type(), any);
            if (!covering.equals(in)) {
                formal.set(firstInput + i, new InferContext.Operand(covering));
                changed = true;
            }
        }
        return changed;
    }

    /** A type that covers two types. Type inference reports types of different kinds. */
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
