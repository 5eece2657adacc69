package dev.tenon.op.vision;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/** The determinants of square matrices, by elimination with partial pivoting in float64; 1 for an empty one. */
public record Det() implements Op {
    /** Input X [..., m, m], output Y [...]. */
    private static final OpSchema SCHEMA = OpSchema.of("Det")
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
        Shape x = c.shape(0);
        if (!x.hasRank()) {
            return ImageOperands.tensor(c.dtype(0), x);
        }
        if (x.rank() < 2) {
            throw c.error("X of shape " + x, "rank 2 or more", null);
        }
        ImageOperands.same(c, x.dim(-1), x.dim(-2), "rows and columns of X");
        return ImageOperands.tensor(c.dtype(0), Shape.of(x.dims().subList(0, x.rank() - 2)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor y = ImageOperands.allocate(in.inferOutputs().getFirst());
        if (x.dim(x.rank() - 1) > MOST) {
            throw new ResourceLimitException(
                    "Det", "a matrix of " + x.dim(x.rank() - 1) + " rows", MOST + " rows", null);
        }
        int m = (int) x.dim(x.rank() - 1);
        double[][] a = new double[m][m];
        for (long i = 0; i < y.size(); i++) {
            for (int e = 0; e < m * m; e++) {
                a[e / m][e % m] = x.getDouble(i * m * m + e);
            }
            y.setDouble(i, determinant(a));
        }
        return List.of(y);
    }

    private static double determinant(double[][] a) {
        double det = 1;
        for (int k = 0; k < a.length; k++) {
            int pivot = k;
            for (int r = k + 1; r < a.length; r++) {
                if (Math.abs(a[r][k]) > Math.abs(a[pivot][k])) {
                    pivot = r;
                }
            }
            double[] row = a[pivot];
            a[pivot] = a[k];
            a[k] = row;
            det *= pivot == k ? row[k] : -row[k];
            if (row[k] == 0) {
                return 0;
            }
            for (int r = k + 1; r < a.length; r++) {
                Operands.work(a.length - k);
                double factor = a[r][k] / row[k];
                for (int c = k + 1; c < a.length; c++) {
                    a[r][c] -= factor * row[c];
                }
            }
        }
        return det;
    }
}
