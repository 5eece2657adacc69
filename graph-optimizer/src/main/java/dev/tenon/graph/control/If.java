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
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs one of two graphs. The operands are the condition, a boolean tensor of one element, and the captured values.
 * Each branch has one input for each captured value, in the same order.
 *
 * @param thenBranch runs if the condition is true
 * @param elseBranch runs if the condition is false; it has as many outputs as the other branch
 */
public record If(Graph thenBranch, Graph elseBranch) implements GraphOp {
    /** The formal parameters. */
    public static final OpSchema SCHEMA = OpSchema.of("If")
            .input("cond", "B")
            .variadic("captured", "*")
            .variadicOutput("outputs", "*")
            .where("B", Types.BOOL);

    /**
     * An If.
     *
     * @param thenBranch runs if the condition is true
     * @param elseBranch runs if the condition is false
     * @throws InvalidOperandException if the branches differ in the number of inputs or outputs
     */
    public If {
        if (thenBranch.outputs().size() != elseBranch.outputs().size()
                || thenBranch.inputs().size() != elseBranch.inputs().size()) {
            throw new InvalidOperandException(
                    "If",
                    "branches of " + thenBranch.outputs().size() + " and "
                            + elseBranch.outputs().size() + " outputs, "
                            + thenBranch.inputs().size() + " and "
                            + elseBranch.inputs().size() + " inputs",
                    "as many of each",
                    null);
        }
    }

    /**
     * The operator of some attributes.
     *
     * @param a {@code then_branch} and {@code else_branch}
     * @return the operator
     */
    public static If of(Attributes a) {
        return new If(BodyTypes.body(a, "then_branch"), BodyTypes.body(a, "else_branch"));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("then_branch", thenBranch).with("else_branch", elseBranch);
    }

    @Override
    public Numerics numerics() {
        return Numerics.EXACT;
    }

    @Override
    public List<Graph> bodies() {
        return List.of(thenBranch, elseBranch);
    }

    @Override
    public int captured() {
        return thenBranch.inputs().size();
    }

    @Override
    public GraphOp withBodies(List<Graph> bodies) {
        return new If(bodies.get(0), bodies.get(1));
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.inputCount() != 1 + captured()) {
            throw c.error(c.inputCount() + " inputs", "1 and the " + captured() + " that the branches use", null);
        }
        for (Graph branch : bodies()) {
            for (int i = 0; i < captured(); i++) {
                BodyTypes.checkGiven(c, 1 + i, "captured value " + i);
                BodyTypes.checkFits(c, c.type(1 + i), branch.inputs().get(i).type(), "captured value " + i);
            }
        }
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < thenBranch.outputs().size(); i++) {
            types.add(BodyTypes.join(
                    c,
                    BodyTypes.outside(c, thenBranch.outputs().get(i).type()),
                    BodyTypes.outside(c, elseBranch.outputs().get(i).type()),
                    "output " + i));
        }
        return types;
    }

    @Override
    public List<Datum> reference(Operands in) {
        return evaluate(in, Interpreter::run);
    }

    @Override
    public List<Datum> evaluate(Operands in, BodyRunner runner) {
        Tensor cond = in.tensor(0);
        if (cond.size() != 1) {
            throw in.error("a condition " + cond.type(), "one element", null);
        }
        List<Datum> captured = new ArrayList<>();
        for (int i = 1; i < in.count(); i++) {
            captured.add(in.get(i));
        }
        return runner.run(cond.getBoolean(0) ? thenBranch : elseBranch, captured);
    }
}
