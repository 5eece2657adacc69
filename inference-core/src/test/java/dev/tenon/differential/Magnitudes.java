package dev.tenon.differential;

import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The sums of the absolute values of terms, for operators that compute differences even of positive operands. */
final class Magnitudes {
    private static final Set<String> NAMES = Set.of("RotaryEmbedding", "Inverse", "NegativeLogLikelihoodLoss");

    private Magnitudes() {}

    static boolean has(Op op) {
        return NAMES.contains(op.schema().name());
    }

    static List<Datum> of(Op op, List<Tensor> operands) {
        return List.of(
                switch (op.schema().name()) {
                    case "Inverse" -> inverse(op, operands.getFirst());
                    case "RotaryEmbedding" -> rotary(op, operands);
                    default -> loss(op, operands);
                });
    }

    /** The sine terms of the two halves have opposite signs. */
    private static Tensor rotary(Op op, List<Tensor> operands) {
        List<Tensor> absolute = new ArrayList<>(operands);
        for (int i = 0; i < 3; i++) {
            absolute.set(i, scaled(operands.get(i), 1));
        }
        Tensor one = run(op, absolute);
        absolute.set(2, scaled(operands.get(2), -1));
        Tensor other = run(op, absolute);
        for (long i = 0; i < one.size(); i++) {
            one.setDouble(i, Math.max(Math.abs(one.getDouble(i)), Math.abs(other.getDouble(i))));
        }
        return one;
    }

    /** The loss of positive operands is negative. */
    private static Tensor loss(Op op, List<Tensor> operands) {
        List<Tensor> absolute = new ArrayList<>(operands);
        absolute.set(0, scaled(operands.getFirst(), 1));
        return scaled(run(op, absolute), 1);
    }

    private static Tensor scaled(Tensor t, double factor) {
        Tensor r = Tensor.allocate(t.dtype(), t.dims());
        for (long i = 0; i < t.size(); i++) {
            r.setDouble(i, factor * Math.abs(t.getDouble(i)));
        }
        return r;
    }

    private static Tensor run(Op op, List<Tensor> operands) {
        return (Tensor) op.reference(new Operands(op, "", operands, 1)).getFirst();
    }

    /** An error E of the matrix becomes one of {@code Y E Y} of its inverse Y, to the first order. */
    private static Tensor inverse(Op op, Tensor x) {
        Tensor a = Tensors.convert(x, DType.FLOAT64);
        Tensor y = run(op, List.of(a));
        Tensor m = Tensor.allocate(DType.FLOAT64, x.dims());
        int n = (int) x.dim(x.rank() - 1);
        for (long at = 0; at < x.size(); at += (long) n * n) {
            double[] product = product(n, y, at, a, at);
            Tensor left = Tensor.of(product, n, n);
            double[] all = product(n, left, 0, y, at);
            for (int i = 0; i < all.length; i++) {
                m.setDouble(at + i, all[i]);
            }
        }
        return m;
    }

    private static double[] product(int n, Tensor a, long from, Tensor b, long of) {
        double[] c = new double[n * n];
        for (int i = 0; i < c.length; i++) {
            for (int k = 0; k < n; k++) {
                c[i] += Math.abs(a.getDouble(from + (long) (i / n) * n + k) * b.getDouble(of + (long) k * n + i % n));
            }
        }
        return c;
    }
}
