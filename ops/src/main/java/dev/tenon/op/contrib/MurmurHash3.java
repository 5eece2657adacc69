package dev.tenon.op.contrib;

import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The 32-bit hash of each element: of its 4 or 8 bytes, the lowest first, or of a string's UTF-8. See A. Appleby,
 * MurmurHash3_x86_32 (2011).
 *
 * @param seed the hash of an empty string
 * @param positive whether hashes are uint32 and not int32
 */
public record MurmurHash3(int seed, boolean positive) implements Op {
    /** Input X, output Y of the same shape. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.MICROSOFT, "MurmurHash3")
            .input("X", "T1")
            .output("Y", "T2")
            .where(
                    "T1",
                    Types.set(
                            DType.UINT32,
                            DType.INT32,
                            DType.UINT64,
                            DType.INT64,
                            DType.FLOAT32,
                            DType.FLOAT64,
                            DType.STRING))
            .where("T2", Types.set(DType.UINT32, DType.INT32));

    private static final int FIRST = 0xcc9e2d51;
    private static final int SECOND = 0x1b873593;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static MurmurHash3 of(Attributes a) {
        return new MurmurHash3((int) a.integer("seed", 0), a.flag("positive", true));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("seed", (long) seed, 0L).unless("positive", positive, true);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new TensorType(positive ? DType.UINT32 : DType.INT32, c.shape(0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(positive ? DType.UINT32 : DType.INT32, x.dims());
        for (long i = 0; i < x.size(); i++) {
            int hash = hash(bytes(x, i));
            y.setLong(i, positive ? Integer.toUnsignedLong(hash) : hash);
        }
        return List.of(y);
    }

    private static byte[] bytes(Tensor x, long i) {
        if (x.dtype() == DType.STRING) {
            return x.getUtf8(i);
        }
        long bits =
                switch (x.dtype()) {
                    case FLOAT32 -> Float.floatToRawIntBits(x.getFloat(i));
                    case FLOAT64 -> Double.doubleToRawLongBits(x.getDouble(i));
                    default -> x.getLong(i);
                };
        byte[] bytes = new byte[(int) (x.byteSize() / x.size())];
        for (int k = 0; k < bytes.length; k++) {
            bytes[k] = (byte) (bits >> 8 * k);
        }
        return bytes;
    }

    private int hash(byte[] data) {
        int h = seed;
        int whole = data.length & ~3;
        for (int i = 0; i < whole; i += 4) {
            h = Integer.rotateLeft(h ^ scrambled(word(data, i, 4)), 13) * 5 + 0xe6546b64;
        }
        if (whole < data.length) {
            h ^= scrambled(word(data, whole, data.length - whole));
        }
        h ^= data.length;
        h = (h ^ h >>> 16) * 0x85ebca6b;
        h = (h ^ h >>> 13) * 0xc2b2ae35;
        return h ^ h >>> 16;
    }

    private static int scrambled(int word) {
        return Integer.rotateLeft(word * FIRST, 15) * SECOND;
    }

    private static int word(byte[] data, int at, int length) {
        int word = 0;
        for (int i = 0; i < length; i++) {
            word |= (data[at + i] & 0xff) << 8 * i;
        }
        return word;
    }
}
