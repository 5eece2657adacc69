package dev.tenon.differential.microsoft;

import dev.tenon.differential.BroadcastIndices;
import dev.tenon.differential.OperatorModel;
import dev.tenon.differential.StandardDefinitions;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Products of matrices and distances, summed in double precision. */
final class MicrosoftProductDefinitions {
    private MicrosoftProductDefinitions() {}

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put(Microsoft.entry("TransposeMatMul"), s -> List.of(product(s)));
        all.put(Microsoft.entry("FusedMatMul"), s -> List.of(product(s)));
        all.put(Microsoft.entry("FusedGemm"), s -> List.of(gemm(s)));
        all.put(Microsoft.entry("CDist"), s -> List.of(distances(s)));
    }

    private static boolean flag(OperatorModel s, String name) {
        return Long.valueOf(1).equals(s.attribute(name));
    }

    private static double real(OperatorModel s, String name, double standard) {
        return s.attribute(name) instanceof Float f ? f : standard;
    }

    /** A batch of matrices with any order of axes. */
    private record Stack(Tensor t, boolean turned, boolean afterRows) {
        int rank() {
            return t.rank();
        }

        /** The dimensions before those of a matrix. */
        long[] batch() {
            return afterRows ? Arrays.copyOfRange(t.dims(), 1, rank() - 1) : Arrays.copyOf(t.dims(), rank() - 2);
        }

        private long first() {
            return t.dim(afterRows ? 0 : rank() - 2);
        }

        private long last() {
            return t.dim(rank() - 1);
        }

        long rows() {
            return turned ? last() : first();
        }

        long columns() {
            return turned ? first() : last();
        }

        double at(long matrix, long row, long column) {
            long r = turned ? column : row;
            long c = turned ? row : column;
            long matrices = t.size() / Math.max(1, first() * last());
            return t.getDouble((afterRows ? r * matrices + matrix : matrix * first() + r) * last() + c);
        }
    }

    private static Tensor product(OperatorModel s) {
        Stack a = new Stack(s.operand(0), flag(s, "transA"), flag(s, "transBatchA"));
        Stack b = new Stack(s.operand(1), flag(s, "transB"), flag(s, "transBatchB"));
        long[] batch = BroadcastIndices.broadcast(a.batch(), b.batch());
        long[] dims = Arrays.copyOf(batch, batch.length + 2);
        dims[batch.length] = a.rows();
        dims[batch.length + 1] = b.columns();
        double alpha = real(s, "alpha", 1);
        Tensor y = Tensor.allocate(a.t.dtype(), dims);
        for (long i = 0; i < y.size(); i++) {
            long column = i % b.columns();
            long row = i / b.columns() % a.rows();
            long matrix = i / b.columns() / a.rows();
            long left = BroadcastIndices.from(matrix, batch, a.batch());
            long right = BroadcastIndices.from(matrix, batch, b.batch());
            double sum = 0;
            for (long k = 0; k < a.columns(); k++) {
                sum += a.at(left, row, k) * b.at(right, k, column);
            }
            y.setDouble(i, alpha * sum);
        }
        return y;
    }

    private static Tensor gemm(OperatorModel s) {
        Stack a = new Stack(s.operand(0), flag(s, "transA"), false);
        Stack b = new Stack(s.operand(1), flag(s, "transB"), false);
        Tensor c = s.operand(2);
        Tensor y = Tensor.allocate(a.t.dtype(), a.rows(), b.columns());
        for (long i = 0; i < y.size(); i++) {
            double sum = 0;
            for (long k = 0; k < a.columns(); k++) {
                sum += a.at(0, i / b.columns(), k) * b.at(0, k, i % b.columns());
            }
            double added = c == null ? 0 : c.getDouble(BroadcastIndices.from(i, y.dims(), c.dims()));
            y.setDouble(i, activation(s, real(s, "alpha", 1) * sum + (c == null ? 0 : real(s, "beta", 1) * added)));
        }
        return y;
    }

    private static double activation(OperatorModel s, double x) {
        double alpha = real(s, "activation_alpha", Double.NaN);
        return switch ((String) s.attribute("activation")) {
            case "Elu" -> x < 0 ? alpha * StrictMath.expm1(x) : x;
            case "Selu" -> real(s, "activation_gamma", Double.NaN) * (x < 0 ? alpha * StrictMath.expm1(x) : x);
            case "Sigmoid" -> 1 / (1 + StrictMath.exp(-x));
            case "Tanh" -> StrictMath.tanh(x);
            default -> throw new AssertionError("no formula of " + s.attribute("activation"));
        };
    }

    private static Tensor distances(OperatorModel s) {
        Tensor a = s.operand(0);
        Tensor b = s.operand(1);
        boolean root = "euclidean".equals(s.attribute("metric"));
        Tensor y = Tensor.allocate(a.dtype(), a.dim(0), b.dim(0));
        long width = a.dim(1);
        for (long i = 0; i < y.size(); i++) {
            double sum = 0;
            for (long k = 0; k < width; k++) {
                double d = a.getDouble(i / b.dim(0) * width + k) - b.getDouble(i % b.dim(0) * width + k);
                sum += d * d;
            }
            y.setDouble(i, root ? StrictMath.sqrt(sum) : sum);
        }
        return y;
    }
}
