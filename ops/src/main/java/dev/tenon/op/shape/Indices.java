package dev.tenon.op.shape;

import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;

/** Checks of indices that are operands. Negative indices count from the end. */
final class Indices {
    private Indices() {}

    static String range(long n) {
        return n == 0 ? "none, the dimension is 0" : "[" + -n + ", " + (n - 1) + "]";
    }

    /** An index in [0, n-1] for one in [-n, n-1]. */
    static long check(Operands in, long index, long n) {
        if (index < -n || index >= n) {
            throw in.error("index " + index, range(n), null);
        }
        return index < 0 ? index + n : index;
    }

    /** Checks indices of the places of the data, such as those of GatherElements. */
    static void checkPlaces(InferContext c, int axis, Shape data, Shape indices) {
        if (!data.hasRank() && !indices.hasRank()) {
            return;
        }
        Shape known = data.hasRank() ? data : indices;
        int at = c.axis(axis, known.rank(), "shape " + known);
        if (!data.hasRank() || !indices.hasRank()) {
            return;
        }
        if (data.rank() != indices.rank()) {
            throw c.error("data of shape " + data + " and indices of shape " + indices, "the same rank", null);
        }
        for (int d = 0; d < data.rank(); d++) {
            Dim places = indices.dim(d);
            if (d != at
                    && places.isKnown()
                    && data.dim(d).isKnown()
                    && places.value() > data.dim(d).value()) {
                throw c.error(
                        "indices of shape " + indices + " in dimension " + d,
                        "at most " + data.dim(d) + ", as data of shape " + data,
                        null);
            }
        }
    }
}
