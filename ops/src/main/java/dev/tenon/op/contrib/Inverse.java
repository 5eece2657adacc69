package dev.tenon.op.contrib;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The inverses of square matrices, by elimination with partial pivoting in float64. A singular matrix gives infinities
 * and NaN.
 */
public record Inverse() implements Op {
    /** Input X [..., m, m], output Y of the same shape. */
    private static final OpSchema SCHEMA = OpSchema.of(Domains.MICROSOFT, "Inverse")
            .input("X", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(Numerics.sum(64));

    private static final int MOST = 1 << 13;

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rankFrom(2);
        if (x.hasRank()) {
            Dim rows = x.dim(x.rank() - 2);
            Dim columns = x.dim(x.rank() - 1);
            if (rows.isKnown() && columns.isKnown() && !rows.equals(columns)) {
                throw c.error("'X' has shape " + x.shape(), "as many rows as columns", null);
            }
        }
        return List.of(c.tensor(0));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        if (x.dim(x.rank() - 1) > MOST) {
            throw new ResourceLimitException(
                    SCHEMA.qualifiedName(), "a matrix of " + x.dim(x.rank() - 1) + " rows", MOST + " rows", null);
        }
        int m = (int) x.dim(x.rank() - 1);
        int size = m * m;
        double[][] a = new double[m][2 * m];
        for (long at = 0; at < x.size(); at += size) {
            for (int e = 0; e < size; e++) {
                a[e / m][e % m] = x.getDouble(at + e);
                a[e / m][m + e % m] = e / m == e % m ? 1 : 0;
            }
            eliminate(a, m);
            for (int e = 0; e < size; e++) {
                y.setDouble(at + e, a[e / m][m + e % m]);
            }
        }
        return List.of(y);
    }

    /** Turns the left half of the rows into the unit matrix. So the right half becomes the inverse of the left one. */
    private static void eliminate(double[][] a, int m) {
        for (int k = 0; k < m; k++) {
            int pivot = k;
            for (int r = k + 1; r < m; r++) {
                if (Math.abs(a[r][k]) > Math.abs(a[pivot][k])) {
                    pivot = r;
                }
            }
            double[] row = a[pivot];
            a[pivot] = a[k];
            a[k] = row;
            double head = row[k];
            for (int c = 0; c < 2 * m; c++) {
                row[c] /= head;
            }
            for (int r = 0; r < m; r++) {
                Operands.work(2L * m - k);
                double factor = a[r][k];
                for (int c = k; r != k && c < 2 * m; c++) {
                    a[r][c] -= factor * row[c];
                }
            }
        }
    }
}
