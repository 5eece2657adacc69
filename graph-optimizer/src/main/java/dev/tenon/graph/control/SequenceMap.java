package dev.tenon.graph.control;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a graph on the elements of sequences. The operands are a sequence, further sequences of the same length or
 * tensors, and the captured values. An iteration gets one element of each sequence, and the whole tensors. The outputs
 * are one sequence for each output of the body.
 *
 * @param body the graph that runs on the elements
 * @param inputs the number of operands that are not captured, at least 1
 */
public record SequenceMap(Graph body, int inputs) implements GraphOp {
    /** The formal parameters. */
    public static final OpSchema SCHEMA = OpSchema.of("SequenceMap")
            .input("input_sequence", "*")
            .variadic("additional_inputs", "*")
            .variadicOutput("out_sequence", "*");

    /**
     * A SequenceMap.
     *
     * @param body the graph that runs on the elements
     * @param inputs the number of operands that are not captured
     * @throws InvalidOperandException if the body has fewer inputs
     */
    public SequenceMap {
        if (inputs < 1 || body.inputs().size() < inputs) {
            throw new InvalidOperandException(
                    "SequenceMap",
                    "a body of " + body.inputs().size() + " inputs for " + inputs + " operands",
                    "at least one operand, and as many inputs",
                    null);
        }
    }

    /**
     * The operator of some attributes.
     *
     * @param a {@code body} and {@code carried}, the number of operands that are not captured. Without the latter, no
     *     operand is captured
     * @return the operator
     */
    public static SequenceMap of(Attributes a) {
        Graph body = BodyTypes.body(a, "body");
        return new SequenceMap(body, a.int32("carried", body.inputs().size()));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("body", body).unless("carried", (long) inputs, (long)
                body.inputs().size());
    }

    @Override
    public Numerics numerics() {
        return Numerics.EXACT;
    }

    @Override
    public List<Graph> bodies() {
        return List.of(body);
    }

    @Override
    public int captured() {
        return body.inputs().size() - inputs;
    }

    @Override
    public GraphOp withBodies(List<Graph> bodies) {
        return new SequenceMap(bodies.getFirst(), inputs);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.inputCount() != body.inputs().size()) {
            throw c.error(c.inputCount() + " inputs", inputs + " and " + captured() + " captured", null);
        }
        if (!(c.type(0) instanceof SequenceType)) {
            throw c.error("input 0 is " + c.type(0), "a sequence", null);
        }
        for (int i = 0; i < c.inputCount(); i++) {
            BodyTypes.checkGiven(c, i, "input " + i);
            ValueType wanted = body.inputs().get(i).type();
            boolean each = i < inputs && c.type(i) instanceof SequenceType;
            BodyTypes.checkFits(c, each ? ((SequenceType) c.type(i)).element() : c.type(i), wanted, "input " + i);
        }
        List<ValueType> types = new ArrayList<>();
        body.outputs().forEach(v -> types.add(new SequenceType(BodyTypes.outside(c, v.type()))));
        return types;
    }

    @Override
    public List<Datum> reference(Operands in) {
        return evaluate(in, Interpreter::run);
    }

    @Override
    public List<Datum> evaluate(Operands in, BodyRunner runner) {
        if (!(in.get(0) instanceof TensorSequence first)) {
            throw in.error("input 0 is " + in.get(0).type(), "a sequence", null);
        }
        List<List<Datum>> results = new ArrayList<>();
        body.outputs().forEach(v -> results.add(new ArrayList<>()));
        for (int k = 0; k < first.size(); k++) {
            List<Datum> operands = new ArrayList<>();
            for (int i = 0; i < in.count(); i++) {
                operands.add(
                        i < inputs && in.get(i) instanceof TensorSequence s ? element(in, s, i, k, first) : in.get(i));
            }
            List<Datum> outputs = runner.run(body, operands);
            for (int i = 0; i < results.size(); i++) {
                results.get(i).add(outputs.get(i));
            }
        }
        List<Datum> sequences = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            ValueType type = body.outputs().get(i).type();
            ValueType any = type instanceof TensorType t ? new TensorType(t.dtype(), Shape.unknownRank()) : type;
            sequences.add(TensorSequence.of(any, results.get(i)));
        }
        return sequences;
    }

    private static Datum element(Operands in, TensorSequence s, int i, int k, TensorSequence first) {
        if (s.size() != first.size()) {
            throw in.error("input " + i + " has " + s.size() + " elements", first.size() + ", as the first", null);
        }
        return s.get(k);
    }
}
