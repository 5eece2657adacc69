package dev.tenon.op.shape;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.ViewOp;
import dev.tenon.op.geometry.Dims;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives the elements another shape with the same number of elements. One dimension of the new shape may be -1: it is
 * computed from the others. A 0 keeps the input's dimension at that place, unless {@code allowzero} says that it means
 * 0.
 *
 * <p>To find the dimension for -1, equal dimensions at the same place cancel first. So [batch,8] reshaped to [0,-1] is
 * [batch,8] for an empty batch too. Symbolic elements of the new shape are taken as sizes, not as 0 or -1.
 *
 * @param allowzero whether 0 stands for a dimension of 0
 */
public record Reshape(boolean allowzero) implements ViewOp {
    /** Parameters: the data, and the new shape, int64 of rank 1. */
    public static final OpSchema SCHEMA = OpSchema.of("Reshape")
            .input("data", "T")
            .input("shape", "S")
            .output("reshaped", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static Reshape of(Attributes a) {
        return new Reshape(a.flag("allowzero", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("allowzero", allowzero, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        List<Dim> target = Sizes.vector(c, 1, "shape");
        Shape shape = target == null ? Sizes.fresh(c, Sizes.length(c, 1)) : resolve(c, c.shape(0), target);
        return Sizes.tensor(c.dtype(0), shape);
    }

    private Shape resolve(InferContext c, Shape data, List<Dim> target) {
        List<Dim> out = new ArrayList<>();
        int open = -1;
        boolean zero = false;
        for (int i = 0; i < target.size(); i++) {
            Dim d = target.get(i);
            if (d.orElse(0) < -1) {
                throw c.error("shape " + target + " has dimension " + d, "-1 and above", null);
            }
            zero |= d.equals(Sizes.ZERO);
            if (d.orElse(0) == -1) {
                if (open >= 0) {
                    throw c.error("shape " + target + " has -1 twice", "at most one -1", null);
                }
                open = i;
                out.add(Sizes.ONE);
            } else if (d.equals(Sizes.ZERO) && !allowzero) {
                out.add(kept(c, data, i));
            } else {
                out.add(d);
            }
        }
        if (open >= 0 && zero && allowzero) {
            throw c.error("shape " + target + " has both 0 and -1", "one of them when allowzero is set", null);
        }
        if (!data.hasRank()) {
            return open < 0 ? Shape.of(out) : Shape.of(out).withDim(open, c.freshDim());
        }
        Dim rest = rest(c, data, out, open);
        return open < 0 ? Shape.of(out) : Shape.of(out).withDim(open, rest);
    }

    private static Dim kept(InferContext c, Shape data, int i) {
        if (!data.hasRank()) {
            return c.freshDim();
        }
        if (i >= data.rank()) {
            throw c.error("0 at place " + i + " of the new shape keeps no dimension of " + data, null, null);
        }
        return data.dim(i);
    }

    /** The dimension for -1, if there is one. Otherwise checks the number of elements. */
    private static Dim rest(InferContext c, Shape data, List<Dim> out, int open) {
        List<Dim> from = new ArrayList<>();
        List<Dim> to = new ArrayList<>();
        for (int i = 0; i < Math.max(data.rank(), out.size()); i++) {
            boolean both = i < data.rank() && i < out.size() && i != open;
            // Equal dimensions of 0 leave the others undetermined, unless one of the others is -1.
            boolean cancels = both && data.dim(i).equals(out.get(i));
            if (cancels && (open >= 0 || !data.dim(i).equals(Sizes.ZERO))) {
                continue;
            }
            if (i < data.rank()) {
                from.add(data.dim(i));
            }
            if (i < out.size()) {
                to.add(out.get(i));
            }
        }
        Dim elements = Sizes.product(c, from);
        Dim taken = Sizes.product(c, to);
        if (elements.isKnown() && taken.isKnown()) {
            long n = elements.value();
            long m = taken.value();
            if (open < 0 ? n != m : m == 0 || n % m != 0) {
                throw c.error(
                        "shape " + data + " does not fit into " + text(out, open),
                        "a shape of the same number of elements",
                        null);
            }
        }
        if (open < 0) {
            return Sizes.ZERO;
        }
        return Dims.compute(c, () -> elements.dividedExactlyBy(taken).orElseGet(() -> elements.floorDiv(taken)));
    }

    private static String text(List<Dim> out, int open) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < out.size(); i++) {
            words.add(i == open ? "-1" : out.get(i).toString());
        }
        return "[" + String.join(",", words) + "]";
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return c.symbolic(0);
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().get(0);
        Tensor data = in.tensor(0);
        return List.of(data.reshape(type.shape().toArray()));
    }
}
