package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Set;

/**
 * {@code x} to the power of {@code y}, of the type of {@code x}. An integer to the power of an integer that is not
 * negative is exact. Other powers of integers are computed in double precision and truncated. The standard does not
 * define a power that does not fit its integer type. Here it is the least value of the type, as processors convert.
 */
public record Pow() implements Elementwise {
    private static final Set<DType> BASES = Types.union(Types.FLOATS, Types.INDICES);

    /** Parameters: base and exponent, which may be of different types. */
    private static final OpSchema SCHEMA = OpSchema.of("Pow")
            .input("X", "T")
            .input("Y", "T1")
            .output("Z", "T")
            .where("T", BASES)
            .where("T1", Types.NUMBERS)
            .ulps(2);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor y = in.tensor(1);
        Tensor z = Broadcast.allocate(in);
        Broadcast index = Broadcast.of(in, z);
        boolean integers = x.dtype().isInteger() && y.dtype().isInteger();
        for (long i = 0; i < z.size(); i++) {
            long a = index.offset(0);
            long b = index.offset(1);
            if (integers && (y.getLong(b) >= 0 || y.dtype().isUnsigned())) {
                z.setLong(i, fitted(z.dtype(), Integers.power(x.getLong(a), y.getLong(b))));
            } else if (x.dtype().isInteger()) {
                double power = power(x.getDouble(a), y.getDouble(b));
                z.setLong(
                        i,
                        Math.abs(power) < 0x1p63
                                ? fitted(z.dtype(), (long) power)
                                : z.dtype().minInteger());
            } else {
                z.setDouble(i, power(x.getDouble(a), y.getDouble(b)));
            }
            index.next();
        }
        return List.of(z);
    }

    private static long fitted(DType type, long value) {
        return value > type.maxInteger() || value < type.minInteger() ? type.minInteger() : value;
    }

    /**
     * A power by IEEE 754-2019, 9.2.1. It differs from {@link Math#pow}: 1 to any power is 1, even to NaN, and -1 to an
     * infinite power is 1.
     *
     * @param x the base
     * @param y the exponent
     * @return the power
     */
    public static double power(double x, double y) {
        return x == 1 || x == -1 && Double.isInfinite(y) ? 1 : Math.pow(x, y);
    }
}
