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
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a graph repeatedly. The operands are the largest number of iterations (int64, optional), the first condition
 * (bool, optional), the initial values of the carried values, and the captured values. The inputs of the body are the
 * number of the iteration, the condition, the carried values and the captured values. Its outputs are the next
 * condition, the next carried values, and one element of each scan output. Where the body takes an optional, a carried
 * value may be of the type of the optional's element. The outputs of the Loop are the last carried
 * values, and the scan outputs, stacked along a new first axis.
 *
 * @param body the graph that an iteration runs
 * @param carried the number of values that are carried from one iteration to the next
 */
public record Loop(Graph body, int carried) implements GraphOp {
    /** The formal parameters. */
    public static final OpSchema SCHEMA = OpSchema.of("Loop")
            .optional("M", "I")
            .optional("cond", "B")
            .variadic("v_initial", "*")
            .variadicOutput("v_final_and_scan_outputs", "*")
            .where("I", Types.INT64)
            .where("B", Types.BOOL);

    /**
     * A Loop.
     *
     * @param body the graph that an iteration runs
     * @param carried the number of carried values
     * @throws InvalidOperandException if the body has too few inputs or outputs for them
     */
    public Loop {
        if (carried < 0 || body.inputs().size() < 2 + carried || body.outputs().size() < 1 + carried) {
            throw new InvalidOperandException(
                    "Loop",
                    "a body of " + body.inputs().size() + " inputs and "
                            + body.outputs().size() + " outputs for " + carried + " carried values",
                    "at least 2 + carried inputs and 1 + carried outputs",
                    null);
        }
    }

    /**
     * The operator of some attributes.
     *
     * @param a {@code body} and {@code carried}; without the latter, all inputs of the body but the first two are
     *     carried
     * @return the operator
     */
    public static Loop of(Attributes a) {
        Graph body = BodyTypes.body(a, "body");
        return new Loop(body, a.int32("carried", Math.max(0, body.inputs().size() - 2)));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("body", body)
                .unless("carried", (long) carried, (long) body.inputs().size() - 2);
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
        return body.inputs().size() - 2 - carried;
    }

    @Override
    public GraphOp withBodies(List<Graph> bodies) {
        return new Loop(bodies.getFirst(), carried);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.inputCount() != 2 + carried + captured()) {
            throw c.error(
                    c.inputCount() + " inputs",
                    "M, cond, " + carried + " carried and " + captured() + " captured",
                    null);
        }
        BodyTypes.checkElements(c, body.inputs().get(0).type(), DType.INT64, "the number of an iteration");
        BodyTypes.checkElements(c, body.inputs().get(1).type(), DType.BOOL, "the condition of an iteration");
        BodyTypes.checkElements(c, body.outputs().getFirst().type(), DType.BOOL, "the condition after an iteration");
        for (int i = 2; i < c.inputCount(); i++) {
            String what = i < 2 + carried ? "carried value " + (i - 2) : "captured value " + (i - 2 - carried);
            BodyTypes.checkGiven(c, i, what);
            ValueType wanted = body.inputs().get(i).type();
            BodyTypes.checkFits(
                    c, c.type(i), i < 2 + carried ? BodyTypes.elementBeside(wanted, c.type(i)) : wanted, what);
        }
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < carried; i++) {
            ValueType wanted = body.inputs().get(2 + i).type();
            ValueType given = body.outputs().get(1 + i).type();
            BodyTypes.checkFits(
                    c, given, BodyTypes.elementBeside(wanted, given), "carried value " + i + " after an iteration");
            ValueType first = BodyTypes.elementBeside(c.type(2 + i), given);
            types.add(BodyTypes.join(c, first, BodyTypes.outside(c, given), "carried value " + i));
        }
        Dim iterations = c.freshDim();
        for (int i = 1 + carried; i < body.outputs().size(); i++) {
            types.add(BodyTypes.stacked(c, body.outputs().get(i), 0, iterations, "scan output " + i));
        }
        return types;
    }

    @Override
    public List<Datum> reference(Operands in) {
        return evaluate(in, Interpreter::run);
    }

    @Override
    public List<Datum> evaluate(Operands in, BodyRunner runner) {
        long most = in.has(0) ? single(in, in.tensor(0), "M").getLong(0) : Long.MAX_VALUE;
        boolean go = !in.has(1) || single(in, in.tensor(1), "cond").getBoolean(0);
        List<Datum> state = new ArrayList<>();
        for (int i = 0; i < carried; i++) {
            state.add(in.get(2 + i));
        }
        List<Datum> captured = new ArrayList<>();
        for (int i = 2 + carried; i < in.count(); i++) {
            captured.add(in.get(i));
        }
        int scans = body.outputs().size() - 1 - carried;
        List<ScanOutputBuffer> scanned = new ArrayList<>();
        for (int i = 0; i < scans; i++) {
            scanned.add(new ScanOutputBuffer("scan output " + i, most));
        }
        for (long iteration = 0; iteration < most && go; iteration++) {
            List<Datum> inputs = new ArrayList<>();
            inputs.add(Tensor.scalar(iteration));
            inputs.add(Tensor.scalar(true));
            for (int i = 0; i < carried; i++) {
                inputs.add(
                        BodyTypes.asInput(state.get(i), body.inputs().get(2 + i).type()));
            }
            inputs.addAll(captured);
            List<Datum> outputs = runner.run(body, inputs);
            go = single(in, (Tensor) outputs.getFirst(), "the condition after an iteration")
                    .getBoolean(0);
            state = outputs.subList(1, 1 + carried);
            for (int i = 0; i < scans; i++) {
                scanned.get(i).add(in, (Tensor) outputs.get(1 + carried + i));
            }
        }
        List<Datum> results = new ArrayList<>();
        for (int i = 0; i < carried; i++) {
            ValueType type = body.outputs().get(1 + i).type();
            results.add(BodyTypes.asResult(in, state.get(i), type, "carried value " + i));
        }
        for (int i = 0; i < scans; i++) {
            int scan = i;
            results.add(scanned.get(i).along(in, 0, false, () -> absent(in, scan)));
        }
        return results;
    }

    /** A tensor that must have one element. */
    private static Tensor single(Operands in, Tensor t, String what) {
        if (t.size() != 1) {
            throw in.error(what + " is " + t.type(), "one element", null);
        }
        return t;
    }

    /** The type of an element of a scan output of a loop without iterations. */
    private TensorType absent(Operands in, int scan) {
        List<long[]> operands = new ArrayList<>();
        for (int i = 0; i < in.count(); i++) {
            operands.add(i > 1 && in.get(i) instanceof Tensor t ? t.dims() : null);
        }
        return Slices.typeWithoutIterations(body, 1 + carried + scan, operands);
    }
}
