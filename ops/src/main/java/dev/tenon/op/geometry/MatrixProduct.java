package dev.tenon.op.geometry;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.op.InferContext;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The shapes of a product of stacked matrices as NumPy's matmul defines it. A 1-D operand stands for a row (left) or a
 * column (right); the result does not have its dimension. The dimensions before the last two are broadcast. Immutable.
 */
public final class MatrixProduct {
    private final long[] batch;
    private final long m;
    private final long k;
    private final long n;
    private final long[] output;
    private final long[] left;
    private final long[] right;

    private MatrixProduct(long[] batch, long m, long k, long n, long[] output, long[] left, long[] right) {
        this.batch = batch;
        this.m = m;
        this.k = k;
        this.n = n;
        this.output = output;
        this.left = left;
        this.right = right;
    }

    /**
     * The product of operands of known dimensions that {@link #infer} has accepted.
     *
     * @param a the dimensions of the left operand
     * @param b the dimensions of the right operand
     * @return the product
     */
    public static MatrixProduct of(long[] a, long[] b) {
        long[] left = a.length == 1 ? new long[] {1, a[0]} : a;
        long[] right = b.length == 1 ? new long[] {b[0], 1} : b;
        long[] batch = Shape.broadcast(
                        Shape.of(Arrays.copyOf(left, left.length - 2)),
                        Shape.of(Arrays.copyOf(right, right.length - 2)))
                .toArray();
        long m = left[left.length - 2];
        long k = left[left.length - 1];
        long n = right[right.length - 1];
        long[] output = Arrays.copyOf(batch, batch.length + (a.length == 1 ? 0 : 1) + (b.length == 1 ? 0 : 1));
        if (a.length > 1) {
            output[batch.length] = m;
        }
        if (b.length > 1) {
            output[output.length - 1] = n;
        }
        return new MatrixProduct(batch, m, k, n, output, left, right);
    }

    /**
     * The shape of a product, as far as it is known.
     *
     * @param c the node, for errors
     * @param a the shape of the left operand, of any or unknown rank
     * @param b the shape of the right operand, of any or unknown rank
     * @return the shape of the result, of unknown rank if one of the two is
     * @throws dev.tenon.error.InvalidOperandException if the shapes can't be multiplied for any size of their symbols
     */
    public static Shape infer(InferContext c, Shape a, Shape b) {
        if ((a.hasRank() && a.rank() == 0) || (b.hasRank() && b.rank() == 0)) {
            throw c.error("shapes " + a + " and " + b, "operands of rank 1 or more", "use Mul for a scalar");
        }
        if (!a.hasRank() || !b.hasRank()) {
            return Shape.unknownRank();
        }
        Dim columns = a.dim(-1);
        Dim rows = b.dim(b.rank() == 1 ? 0 : -2);
        if (Dims.differ(columns, rows)) {
            throw c.error(
                    "shapes " + a + " and " + b + " meet in " + columns + " columns and " + rows + " rows",
                    "as many columns on the left as rows on the right",
                    null);
        }
        List<Dim> dims = new ArrayList<>(broadcast(c, stack(a), stack(b)).dims());
        if (a.rank() > 1) {
            dims.add(a.dim(-2));
        }
        if (b.rank() > 1) {
            dims.add(b.dim(-1));
        }
        return Shape.of(dims);
    }

    private static Shape stack(Shape s) {
        return Shape.of(s.dims().subList(0, Math.max(0, s.rank() - 2)));
    }

    private static Shape broadcast(InferContext c, Shape a, Shape b) {
        try {
            return Shape.broadcast(a, b);
        } catch (InvalidTensorException e) {
            throw c.error("stacks of matrices of shapes " + a + " and " + b, "stacks that broadcast", null);
        }
    }

    /** {@return the broadcast dimensions before the last two} */
    public long[] batch() {
        return batch.clone();
    }

    /** {@return the rows of a matrix of the left operand} */
    public long m() {
        return m;
    }

    /** {@return the columns of a matrix of the left operand, the rows of one of the right} */
    public long k() {
        return k;
    }

    /** {@return the columns of a matrix of the right operand} */
    public long n() {
        return n;
    }

    /** {@return the dimensions of the result} */
    public long[] output() {
        return output.clone();
    }

    /**
     * The number of matrices in the result.
     *
     * @return the product of {@link #batch}, 1 without any
     */
    public long count() {
        return RowMajor.size(batch);
    }

    /**
     * The offset of a matrix of the left operand.
     *
     * @param matrix the index of a matrix of the result
     * @return elements from the start of the operand
     */
    public long leftOffset(long matrix) {
        return Broadcasting.offset(matrix, batch, Arrays.copyOf(left, left.length - 2)) * m * k;
    }

    /**
     * The offset of a matrix of the right operand.
     *
     * @param matrix the index of a matrix of the result
     * @return elements from the start of the operand
     */
    public long rightOffset(long matrix) {
        return Broadcasting.offset(matrix, batch, Arrays.copyOf(right, right.length - 2)) * k * n;
    }
}
