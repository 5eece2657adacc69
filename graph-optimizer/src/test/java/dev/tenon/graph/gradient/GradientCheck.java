package dev.tenon.graph.gradient;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Op;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sum;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;

/**
 * Compares gradients with central differences of the references in float64. The loss is a sum of all elements of the results,
 * each with a factor of its own, so that no two errors cancel.
 */
final class GradientCheck {
    /** The allowed difference, relative to the larger of 1 and the gradient. */
    private static final double TOLERANCE = 1e-6;

    /** The allowed difference for linear functions, relative to the sum of the magnitudes of the terms. */
    private static final double LINEAR = 1e-12;

    private static final double STEP = 1e-5;

    /** The number in the place of NaN and infinity. */
    private static final double OTHER = 0.7;

    /** One-sided differences that are farther apart than this show a kink, or values that are no numbers. */
    private static final double KINK = 1e-3;

    /** At most this many elements of an operand are compared. */
    private static final int MAX_ELEMENTS = 24;

    private final Graph graph;
    private final List<Datum> inputs;
    private int compared;
    private int kinks;

    private GradientCheck(Graph graph, List<Datum> inputs) {
        this.graph = graph;
        this.inputs = inputs;
    }

    /** How many elements were compared, and how many were left out because of a kink. */
    record Count(int compared, int kinks) {}

    /** A graph with a loss named {@code loss}, and its inputs. */
    record Problem(Graph graph, List<Datum> inputs, List<String> wanted) {}

    /**
     * A problem of one operator.
     *
     * @param op the operator
     * @param operands its operands, null for those left out
     * @param results the number of its results
     * @param trained tells which operands get gradients; the others are constants
     * @param counts tells which results the loss depends on
     */
    static Problem problem(
            Op op, List<? extends Datum> operands, int results, IntPredicate trained, IntPredicate counts) {
        GraphBuilder b = new GraphBuilder(op.schema().name());
        List<Value> values = new ArrayList<>();
        List<Datum> inputs = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i) == null) {
                values.add(null);
            } else if (trained.test(i)) {
                wanted.add("x" + i);
                values.add(b.input("x" + i, operands.get(i).type()));
                inputs.add(operands.get(i));
            } else {
                values.add(b.constant("x" + i, (Tensor) operands.get(i)));
            }
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < results; i++) {
            names.add("y" + i);
        }
        List<Value> ys = b.add(op, "node", values, names);
        List<Value> terms = new ArrayList<>();
        for (int i = 0; i < results; i++) {
            if (counts.test(i)) {
                terms.add(weighted(b, ys.get(i), i));
            }
        }
        b.output("loss", b.add(new Sum(), terms.toArray(Value[]::new)));
        return new Problem(b.build(), inputs, wanted);
    }

    /** The sum of the elements of a value, each with a factor. */
    static Value weighted(GraphBuilder b, Value v, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor factors =
                Tensor.allocate(v.tensorType().dtype(), v.tensorType().shape().toArray());
        for (long i = 0; i < factors.size(); i++) {
            factors.setDouble(i, random.nextDouble(0.5, 1.5) * (random.nextBoolean() ? 1 : -1));
        }
        return b.add(new ReduceSum(false, false), b.add(new Mul(), v, b.constant(factors)));
    }

    /** Fails unless all gradients of a problem are right. */
    static Count check(Problem p) {
        GradientCheck check = new GradientCheck(p.graph(), p.inputs());
        Graph gradients = Gradients.of(p.graph(), "loss", p.wanted());
        GraphVerifier.verify(gradients);
        List<Datum> results = Interpreter.run(gradients, p.inputs());
        double loss = check.loss();
        double again = ((Tensor) results.get(p.graph().outputNames().indexOf("loss"))).getDouble(0);
        if (!(Math.abs(loss - again) <= TOLERANCE * Math.max(1, Math.abs(loss)))) {
            throw new AssertionError("the loss is " + again + " instead of " + loss + "\n" + gradients);
        }
        int at = p.graph().outputs().size();
        for (int i = 0; i < p.wanted().size(); i++) {
            check.input(i, (Tensor) results.get(at + i), gradients);
        }
        return new Count(check.compared, check.kinks);
    }

    /**
     * Fails unless {@code <J v, u> = <v, J' u>} for a loss that is linear in each of the wanted inputs: a difference of
     * losses is the product of the gradient with the difference of the inputs.
     */
    static void checkLinear(Problem p) {
        GradientCheck check = new GradientCheck(p.graph(), p.inputs());
        List<Datum> results = Interpreter.run(Gradients.of(p.graph(), "loss", p.wanted()), p.inputs());
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < p.wanted().size(); i++) {
            Tensor x = (Tensor) p.inputs().get(i);
            Tensor before = x.copy();
            Tensor gradient = (Tensor) results.get(p.graph().outputs().size() + i);
            double start = check.loss();
            double product = 0;
            double magnitude = Math.abs(start);
            for (long e = 0; e < x.size(); e++) {
                double v = random.nextDouble(-1, 1);
                x.setDouble(e, x.getDouble(e) + v);
                product += v * gradient.getDouble(e);
                magnitude += Math.abs(v * gradient.getDouble(e));
            }
            double difference = check.loss() - start;
            x.copyFrom(before);
            if (!(Math.abs(difference - product) <= LINEAR * magnitude)) {
                throw new AssertionError("input " + i + ": " + difference + " for a product of " + product);
            }
        }
    }

    private double loss() {
        return ((Tensor) Interpreter.run(graph, inputs).get(graph.outputNames().indexOf("loss"))).getDouble(0);
    }

    private void input(int i, Tensor gradient, Graph gradients) {
        Tensor x = (Tensor) inputs.get(i);
        if (!gradient.type().equals(x.type())) {
            throw new AssertionError("a gradient of type " + gradient.type() + " for " + x.type());
        }
        long stride = 1 + x.size() / MAX_ELEMENTS;
        for (long e = 0; e < x.size(); e += stride) {
            double before = x.getDouble(e);
            if (!Double.isFinite(before)) {
                continue;
            }
            double step = STEP * Math.max(1, Math.abs(before));
            double middle = loss();
            double above = at(x, e, before + step);
            double below = at(x, e, before - step);
            x.setDouble(e, before);
            double central = (above - below) / (2 * step);
            double bend = (above - middle) / step - (middle - below) / step;
            if (!(Math.abs(bend) <= KINK * Math.max(1, Math.abs(central)))) {
                kinks++;
                continue;
            }
            compared++;
            double found = gradient.getDouble(e);
            double allowed = TOLERANCE * Math.max(1, Math.max(Math.abs(central), Math.abs(middle)));
            if (!(Math.abs(found - central) <= allowed)) {
                throw new AssertionError("input " + i + ", element " + e + " of " + Arrays.toString(x.dims()) + ": "
                        + found + " instead of " + central + "\n" + gradients);
            }
        }
    }

    private double at(Tensor x, long e, double value) {
        x.setDouble(e, value);
        return loss();
    }

    /** A tensor of float64 with the elements of another, each moved a little, so that few are at kinks, and all are numbers. */
    static Tensor moved(Tensor t, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Tensor moved = Tensor.allocate(DType.FLOAT64, t.dims());
        for (long i = 0; i < t.size(); i++) {
            double x = Double.isFinite(t.getDouble(i)) ? t.getDouble(i) : OTHER;
            moved.setDouble(i, x + random.nextDouble(0.01, 0.03));
        }
        return moved;
    }
}
