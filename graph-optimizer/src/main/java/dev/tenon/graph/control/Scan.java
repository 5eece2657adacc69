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
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Runs a graph on the slices of some tensors, in order, and carries state values from one iteration to the next. The
 * operands are the initial state values, the scanned tensors, and the captured values. The inputs of the body are the
 * state values, one slice of each scanned tensor, and the captured values. Its outputs are the next state values, and
 * one element of each scan output. The outputs of the Scan are the last state values, and the scan outputs, stacked
 * along a new axis. An empty list of axes or directions is a list of zeros.
 *
 * @param body the graph that an iteration runs
 * @param states the number of state values
 * @param scans the number of scanned tensors
 * @param inputAxes for each scanned tensor the axis of its slices, in [-rank, rank-1]
 * @param inputDirections for each scanned tensor 0, or 1 to start from its end
 * @param outputAxes for each scan output the axis along which it is stacked, in [-rank, rank-1] of the output
 * @param outputDirections for each scan output 0, or 1 to stack from its end
 */
public record Scan(
        Graph body,
        int states,
        int scans,
        List<Long> inputAxes,
        List<Long> inputDirections,
        List<Long> outputAxes,
        List<Long> outputDirections)
        implements GraphOp {
    /** The formal parameters. */
    public static final OpSchema SCHEMA = OpSchema.of("Scan")
            .variadic("initial_state_and_scan_inputs", "*")
            .variadicOutput("final_state_and_scan_outputs", "*");

    /**
     * A Scan.
     *
     * @param body the graph that an iteration runs
     * @param states the number of state values
     * @param scans the number of scanned tensors
     * @param inputAxes for each scanned tensor the axis of its slices, or empty
     * @param inputDirections for each scanned tensor 0 or 1, or empty
     * @param outputAxes for each scan output its axis, or empty
     * @param outputDirections for each scan output 0 or 1, or empty
     * @throws InvalidOperandException if the body or a list does not fit the numbers
     */
    public Scan {
        if (states < 0
                || scans < 1
                || body.inputs().size() < states + (long) scans
                || body.outputs().size() < states) {
            throw new InvalidOperandException(
                    "Scan",
                    "a body of " + body.inputs().size() + " inputs and "
                            + body.outputs().size() + " outputs for " + states + " state values and " + scans
                            + " scan inputs",
                    "at least as many",
                    null);
        }
        inputAxes = checked("scan_input_axes", inputAxes, scans, false);
        inputDirections = checked("scan_input_directions", inputDirections, scans, true);
        outputAxes = checked("scan_output_axes", outputAxes, body.outputs().size() - states, false);
        outputDirections = checked(
                "scan_output_directions", outputDirections, body.outputs().size() - states, true);
    }

    private static List<Long> checked(String name, List<Long> list, int count, boolean direction) {
        if (!list.isEmpty() && list.size() != count) {
            throw new InvalidOperandException("Scan", name + " " + list, "one for each of " + count, null);
        }
        if (direction && !list.stream().allMatch(d -> d == 0 || d == 1)) {
            throw new InvalidOperandException("Scan", name + " " + list, "0 or 1", null);
        }
        return list.stream().allMatch(v -> v == 0) ? List.of() : List.copyOf(list);
    }

    /**
     * The operator of some attributes.
     *
     * @param a the attributes of the standard, and {@code carried}, the number of state values. Without it, all inputs
     *     of the body but the slices are state values
     * @return the operator
     */
    public static Scan of(Attributes a) {
        Graph body = BodyTypes.body(a, "body");
        int scans = a.int32("num_scan_inputs", 0);
        return new Scan(
                body,
                a.int32("carried", Math.max(0, body.inputs().size() - scans)),
                scans,
                list(a, "scan_input_axes"),
                list(a, "scan_input_directions"),
                list(a, "scan_output_axes"),
                list(a, "scan_output_directions"));
    }

    private static List<Long> list(Attributes a, String name) {
        return a.integers(name, List.of());
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("body", body)
                .unless("carried", (long) states, (long) body.inputs().size() - scans)
                .with("num_scan_inputs", scans)
                .unless("scan_input_axes", inputAxes, List.of())
                .unless("scan_input_directions", inputDirections, List.of())
                .unless("scan_output_axes", outputAxes, List.of())
                .unless("scan_output_directions", outputDirections, List.of());
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
        return body.inputs().size() - states - scans;
    }

    @Override
    public GraphOp withBodies(List<Graph> bodies) {
        return new Scan(bodies.getFirst(), states, scans, inputAxes, inputDirections, outputAxes, outputDirections);
    }

    private static long at(List<Long> list, int i) {
        return list.isEmpty() ? 0 : list.get(i);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.inputCount() != body.inputs().size()) {
            throw c.error(
                    c.inputCount() + " inputs",
                    states + " state values, " + scans + " scan inputs and " + captured() + " captured",
                    null);
        }
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < states; i++) {
            if (!c.has(i)) {
                throw c.error("state value " + i + " is missing", null, "give its initial value");
            }
            BodyTypes.checkFits(c, c.type(i), body.inputs().get(i).type(), "state value " + i);
            ValueType next = BodyTypes.outside(c, body.outputs().get(i).type());
            types.add(BodyTypes.join(c, c.type(i), next, "state value " + i));
        }
        Dim slices = null;
        for (int i = 0; i < scans; i++) {
            BodyTypes.checkGiven(c, states + i, "scan input " + i);
            ValueType slice = body.inputs().get(states + i).type();
            if (!(slice instanceof TensorType t) || t.dtype() != c.dtype(states + i)) {
                throw c.error("scan input " + i + " is " + c.type(states + i), "slices " + slice, null);
            }
            Shape shape = c.shape(states + i);
            if (shape.hasRank()) {
                Dim d = shape.dim(c.axis(at(inputAxes, i), shape.rank(), "scan input " + i + " of shape " + shape));
                if (slices != null && slices.isKnown() && d.isKnown() && !slices.equals(d)) {
                    throw c.error("scan inputs of " + slices + " and " + d + " slices", "one number", null);
                }
                slices = slices == null || d.isKnown() ? d : slices;
            }
        }
        for (int i = states + scans; i < c.inputCount(); i++) {
            String what = "captured value " + (i - states - scans);
            BodyTypes.checkGiven(c, i, what);
            BodyTypes.checkFits(c, c.type(i), body.inputs().get(i).type(), what);
        }
        Dim stacked = slices == null ? c.freshDim() : slices;
        for (int i = states; i < body.outputs().size(); i++) {
            long axis = at(outputAxes, i - states);
            types.add(BodyTypes.stacked(c, body.outputs().get(i), axis, stacked, "scan output " + (i - states)));
        }
        return types;
    }

    @Override
    public List<Datum> reference(Operands in) {
        return evaluate(in, Interpreter::run);
    }

    @Override
    public List<Datum> evaluate(Operands in, BodyRunner runner) {
        long iterations = -1;
        int[] axes = new int[scans];
        for (int i = 0; i < scans; i++) {
            Tensor t = in.tensor(states + i);
            axes[i] = in.axis(at(inputAxes, i), t.rank(), "scan input " + i + " of shape " + t.shape());
            if (iterations >= 0 && iterations != t.dim(axes[i])) {
                throw in.error(
                        "scan inputs of " + iterations + " and " + t.dim(axes[i]) + " slices", "one number", null);
            }
            iterations = t.dim(axes[i]);
        }
        List<Datum> state = new ArrayList<>();
        for (int i = 0; i < states; i++) {
            state.add(in.get(i));
        }
        List<ScanOutputBuffer> scanned = new ArrayList<>();
        for (int i = states; i < body.outputs().size(); i++) {
            scanned.add(new ScanOutputBuffer("scan output " + (i - states), iterations));
        }
        for (long iteration = 0; iteration < iterations; iteration++) {
            List<Datum> inputs = new ArrayList<>(state);
            for (int i = 0; i < scans; i++) {
                long k = at(inputDirections, i) == 0 ? iteration : iterations - 1 - iteration;
                inputs.add(Slices.slice(in.tensor(states + i), axes[i], k));
            }
            for (int i = states + scans; i < in.count(); i++) {
                inputs.add(in.get(i));
            }
            List<Datum> outputs = runner.run(body, inputs);
            state = outputs.subList(0, states);
            for (int i = 0; i < scanned.size(); i++) {
                scanned.get(i).add(in, (Tensor) outputs.get(states + i));
            }
        }
        List<Datum> results = new ArrayList<>(state);
        for (int i = 0; i < scanned.size(); i++) {
            int output = states + i;
            boolean reversed = at(outputDirections, i) != 0;
            results.add(scanned.get(i)
                    .along(
                            in,
                            at(outputAxes, i),
                            reversed,
                            () -> Slices.typeWithoutIterations(body, output, operands(in, axes))));
        }
        return results;
    }

    /** The dimensions of the inputs of the body. */
    private List<long[]> operands(Operands in, int[] axes) {
        List<long[]> all = new ArrayList<>();
        for (int i = 0; i < in.count(); i++) {
            int scan = i - states;
            boolean cut = scan >= 0 && scan < scans;
            all.add(
                    !(in.get(i) instanceof Tensor t)
                            ? null
                            : cut
                                    ? IntStream.range(0, t.rank())
                                            .filter(k -> k != axes[scan])
                                            .mapToLong(t::dim)
                                            .toArray()
                                    : t.dims());
        }
        return all;
    }
}
