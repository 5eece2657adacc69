package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import java.util.Arrays;

/** Gradients of matrix products: those of A in {@code Y = A B} are {@code dY B'}, and those of B are {@code A' dY}. */
final class ProductGradients {
    private ProductGradients() {}

    static void addTo(GradientTable t) {
        t.rule(MatMul.class, (op, n) -> product(n));
        t.rule(Gemm.class, ProductGradients::gemm);
    }

    private static void product(NodeGradient n) {
        // A vector on the left is a row, one on the right a column.
        Value a = n.dims(0).length == 1 ? n.reshape(n.in(0), 1, n.dims(0)[0]) : n.in(0);
        Value b = n.dims(1).length == 1 ? n.reshape(n.in(1), n.dims(1)[0], 1) : n.in(1);
        long[] ad = Formulas.dims(a);
        long[] bd = Formulas.dims(b);
        long m = ad[ad.length - 2];
        long k = ad[ad.length - 1];
        long columns = bd[bd.length - 1];
        if (bd.length == 2) {
            // One product for all matrices of the left stack.
            long rows = RowMajor.size(Arrays.copyOf(ad, ad.length - 1));
            n.give(0, () -> n.reshape(gemm(n, n.reshape(n.dy(), rows, columns), b, false, true), n.dims(0)));
            n.give(
                    1,
                    () -> n.reshape(
                            gemm(n, n.reshape(a, rows, k), n.reshape(n.dy(), rows, columns), true, false), n.dims(1)));
            return;
        }
        long[] yd = Formulas.dims(n.y());
        int stack = Math.max(ad.length, bd.length) - 2;
        long[] full = new long[stack + 2];
        System.arraycopy(yd, 0, full, 0, stack);
        full[stack] = m;
        full[stack + 1] = columns;
        n.give(0, () -> n.reshape(n.sumTo(n.matMul(n.reshape(n.dy(), full), n.transposed(b)), ad), n.dims(0)));
        n.give(1, () -> n.reshape(n.sumTo(n.matMul(n.transposed(a), n.reshape(n.dy(), full)), bd), n.dims(1)));
    }

    private static Value gemm(NodeGradient n, Value a, Value b, boolean transA, boolean transB) {
        return n.make(new Gemm(1, 1, transA, transB), a, b);
    }

    private static void gemm(Gemm op, NodeGradient n) {
        Value a = n.in(0);
        Value b = n.in(1);
        n.give(
                0,
                () -> op.transA()
                        ? n.make(new Gemm(op.alpha(), 1, op.transB(), true), b, n.dy())
                        : n.make(new Gemm(op.alpha(), 1, false, !op.transB()), n.dy(), b));
        n.give(
                1,
                () -> op.transB()
                        ? n.make(new Gemm(op.alpha(), 1, true, op.transA()), n.dy(), a)
                        : n.make(new Gemm(op.alpha(), 1, !op.transA(), false), a, n.dy()));
        n.give(2, () -> n.mul(n.sumTo(n.dy(), n.dims(2)), op.beta()));
    }
}
