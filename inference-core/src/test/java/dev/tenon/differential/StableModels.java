package dev.tenon.differential;

import dev.tenon.Model;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Numerics;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Models of operators that round intermediate values to few levels. A value in the middle between two levels may round
 * to either, depending on the last bits of float32. Results then differ by more than the accuracy allows.
 */
final class StableModels {
    private static final int VARIANTS = 6;
    private static final int TRIES = 50;

    private StableModels() {}

    /** The first of the models whose results do not change when the last bits of an operand change. */
    static OperatorModel first(Supplier<OperatorModel> models, int operand, Numerics numerics) {
        for (int i = 0; i < TRIES; i++) {
            OperatorModel model = models.get();
            if (isSteady(model, operand, numerics)) {
                return model;
            }
        }
        throw new AssertionError("no steady model among " + TRIES);
    }

    private static boolean isSteady(OperatorModel model, int operand, Numerics numerics) {
        List<Datum> exact = run(model);
        for (int i = 0; i < VARIANTS; i++) {
            List<Datum> other = run(model.with(operand, moved(model.operand(operand), new SplittableRandom(i))));
            for (int k = 0; k < exact.size(); k++) {
                if (apart((Tensor) exact.get(k), (Tensor) other.get(k), numerics)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Changes each element by up to four units in the last place. */
    private static Tensor moved(Tensor t, SplittableRandom random) {
        Tensor y = t.copy();
        for (long i = 0; i < t.size(); i++) {
            y.setDouble(i, t.getDouble(i) * (1 + 4 * t.dtype().epsilon() * random.nextDouble(-1, 1)));
        }
        return y;
    }

    private static boolean apart(Tensor a, Tensor b, Numerics numerics) {
        for (long i = 0; i < a.size(); i++) {
            double v = a.getDouble(i);
            if (Math.abs(v - b.getDouble(i)) > numerics.tolerance(a.dtype(), v, Math.max(Math.abs(v), 1))) {
                return true;
            }
        }
        return false;
    }

    private static List<Datum> run(OperatorModel model) {
        byte[] file = model.file(g -> false, false, Map.of());
        return Interpreter.run(Model.load(ByteBuffer.wrap(file)).graph(), List.of());
    }
}
