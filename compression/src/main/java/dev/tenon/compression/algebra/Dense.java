package dev.tenon.compression.algebra;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.decomposition.chol.CholeskyDecompositionBlock_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;

/** Products, solutions and decompositions of dense matrices in row-major order. Operands stay as they are. */
public final class Dense {
    /** The rows of a block of {@link #blockCholesky}. */
    private static final int BLOCK = 64;

    private Dense() {}

    /**
     * A singular value decomposition {@code A = U diag(sigma) V^T}.
     *
     * @param u the left vectors as columns, [rows, count]
     * @param sigma the singular values, the largest first
     * @param v the right vectors as columns, [columns, count]
     */
    public record Svd(double[] u, double[] sigma, double[] v) {}

    /**
     * A decomposition {@code A = V diag(values) V^T} of a symmetric matrix.
     *
     * @param values the eigenvalues, the largest first
     * @param vectors the eigenvectors as columns, [n, n]
     */
    public record Eigen(double[] values, double[] vectors) {}

    /**
     * The mean of the diagonal.
     *
     * @param a a matrix, [n, n]
     * @param n its size
     * @return the mean, 0 if the matrix is empty
     */
    public static double meanDiagonal(double[] a, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += a[i * n + i];
        }
        return n == 0 ? 0 : sum / n;
    }

    /**
     * A matrix with a number added to its diagonal.
     *
     * @param a a matrix, [n, n]
     * @param n its size
     * @param more the number
     * @return a copy with a larger diagonal
     */
    public static double[] damped(double[] a, int n, double more) {
        double[] sum = a.clone();
        for (int i = 0; i < n; i++) {
            sum[i * n + i] += more;
        }
        return sum;
    }

    /**
     * The Cholesky factor of a matrix.
     *
     * @param a a symmetric positive definite matrix, [n, n]
     * @param n its size
     * @return L, lower triangular, with {@code L L^T = a}; null if the matrix is not positive definite
     */
    public static double[] cholesky(double[] a, int n) {
        CholeskyDecomposition_F64<DMatrixRMaj> chol = DecompositionFactory_DDRM.chol(n, true);
        return chol.decompose(DMatrixRMaj.wrap(n, n, a.clone())) ? chol.getT(null).data : null;
    }

    /**
     * The Cholesky factor of a matrix, computed in blocks, which is faster for hundreds of rows and rounds differently.
     *
     * @param a a symmetric positive definite matrix, [n, n]
     * @param n its size
     * @return L, lower triangular, with {@code L L^T = a}; null if the matrix is not positive definite
     */
    public static double[] blockCholesky(double[] a, int n) {
        CholeskyDecompositionBlock_DDRM chol = new CholeskyDecompositionBlock_DDRM(BLOCK);
        return chol.decompose(DMatrixRMaj.wrap(n, n, a.clone())) ? chol.getT(null).data : null;
    }

    /**
     * The solution X of {@code A X = B}.
     *
     * @param a a symmetric positive definite matrix, [n, n]
     * @param n its size
     * @param b the right side, [n, columns]
     * @param columns the number of its columns
     * @return X, [n, columns]; null if A is not positive definite
     */
    public static double[] solve(double[] a, int n, double[] b, int columns) {
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(n);
        if (!solver.setA(DMatrixRMaj.wrap(n, n, a.clone()))) {
            return null;
        }
        DMatrixRMaj x = new DMatrixRMaj(n, columns);
        solver.solve(DMatrixRMaj.wrap(n, columns, b.clone()), x);
        return x.data;
    }

    /**
     * The inverse of a matrix.
     *
     * @param a a symmetric positive definite matrix, [n, n]
     * @param n its size
     * @return the inverse, [n, n], symmetric to the last bit; null if the matrix is not positive definite
     */
    public static double[] inverse(double[] a, int n) {
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(n);
        if (!solver.setA(DMatrixRMaj.wrap(n, n, a.clone()))) {
            return null;
        }
        DMatrixRMaj x = new DMatrixRMaj(n, n);
        solver.invert(x);
        double[] inverse = x.data;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                inverse[j * n + i] = inverse[i * n + j];
            }
        }
        return inverse;
    }

    /**
     * The product {@code A B}.
     *
     * @param a a matrix, [m, k]
     * @param b a matrix, [k, n]
     * @param m the rows of A
     * @param k the columns of A
     * @param n the columns of B
     * @return the product, [m, n]
     */
    public static double[] product(double[] a, double[] b, int m, int k, int n) {
        DMatrixRMaj c = new DMatrixRMaj(m, n);
        CommonOps_DDRM.mult(DMatrixRMaj.wrap(m, k, a), DMatrixRMaj.wrap(k, n, b), c);
        return c.data;
    }

    /**
     * The transpose.
     *
     * @param a a matrix, [m, n]
     * @param m its rows
     * @param n its columns
     * @return the transpose, [n, m]
     */
    public static double[] transposed(double[] a, int m, int n) {
        double[] t = new double[a.length];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                t[j * m + i] = a[i * n + j];
            }
        }
        return t;
    }

    /**
     * The sum of the products of the elements of two matrices, {@code trace(A B^T)}.
     *
     * @param a a matrix
     * @param b a matrix of the same shape
     * @return the sum
     */
    public static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * The singular value decomposition.
     *
     * @param a a matrix, [m, n]
     * @param m its rows
     * @param n its columns
     * @return the decomposition with min(m, n) values
     * @throws IllegalArgumentException if the matrix holds a NaN or an infinity
     */
    public static Svd svd(double[] a, int m, int n) {
        SingularValueDecomposition_F64<DMatrixRMaj> svd = DecompositionFactory_DDRM.svd(m, n, true, true, true);
        if (!svd.decompose(DMatrixRMaj.wrap(m, n, a.clone()))) {
            throw new IllegalArgumentException("a matrix [" + m + ", " + n + "] without a decomposition");
        }
        DMatrixRMaj u = svd.getU(null, false);
        DMatrixRMaj v = svd.getV(null, false);
        int count = Math.min(m, n);
        DMatrixRMaj w = new DMatrixRMaj(count, count);
        for (int i = 0; i < count; i++) {
            w.set(i, i, svd.getSingularValues()[i]);
        }
        SingularOps_DDRM.descendingOrder(u, false, w, v, false);
        double[] sigma = new double[count];
        for (int i = 0; i < count; i++) {
            sigma[i] = w.get(i, i);
        }
        return new Svd(u.data, sigma, v.data);
    }

    /**
     * The eigenvalues and eigenvectors of a symmetric matrix.
     *
     * @param a a symmetric matrix, [n, n]
     * @param n its size
     * @return the decomposition, the largest values first
     * @throws IllegalArgumentException if the matrix holds a NaN or an infinity
     */
    public static Eigen eigen(double[] a, int n) {
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
        if (!eigen.decompose(DMatrixRMaj.wrap(n, n, a.clone()))) {
            throw new IllegalArgumentException("a matrix [" + n + ", " + n + "] without a decomposition");
        }
        Integer[] order = new Integer[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        Arrays.sort(
                order,
                (x, y) -> Double.compare(
                        eigen.getEigenvalue(y).getReal(), eigen.getEigenvalue(x).getReal()));
        double[] values = new double[n];
        double[] vectors = new double[n * n];
        for (int k = 0; k < n; k++) {
            values[k] = eigen.getEigenvalue(order[k]).getReal();
            DMatrixRMaj vector = eigen.getEigenVector(order[k]);
            for (int i = 0; i < n; i++) {
                vectors[i * n + k] = vector.get(i, 0);
            }
        }
        return new Eigen(values, vectors);
    }
}
