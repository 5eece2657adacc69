package dev.tenon.op;

import dev.tenon.tensor.DType;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Sets of element types that operators of the standard take, and the standard's codes of element types. */
public final class Types {
    /** float16, bfloat16, float32, float64. */
    public static final Set<DType> FLOATS = set(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64);

    /** int8 to int64. */
    public static final Set<DType> SIGNED = set(DType.INT8, DType.INT16, DType.INT32, DType.INT64);

    /** uint8 to uint64. */
    public static final Set<DType> UNSIGNED = set(DType.UINT8, DType.UINT16, DType.UINT32, DType.UINT64);

    /** All integers of whole bytes. */
    public static final Set<DType> INTEGERS = union(SIGNED, UNSIGNED);

    /** All types that arithmetic takes: integers of whole bytes and floats. */
    public static final Set<DType> NUMBERS = union(INTEGERS, FLOATS);

    /** int32 and int64, the types of indices. */
    public static final Set<DType> INDICES = set(DType.INT32, DType.INT64);

    /** int64 only, the type of shapes. */
    public static final Set<DType> INT64 = set(DType.INT64);

    /** bool only. */
    public static final Set<DType> BOOL = set(DType.BOOL);

    /** float32 only. */
    public static final Set<DType> FLOAT32 = set(DType.FLOAT32);

    /** Every element type. */
    public static final Set<DType> ALL = Collections.unmodifiableSet(EnumSet.allOf(DType.class));

    // The standard's TensorProto.DataType: a type's code is its index here plus 1.
    private static final List<DType> BY_CODE = List.of(
            DType.FLOAT32,
            DType.UINT8,
            DType.INT8,
            DType.UINT16,
            DType.INT16,
            DType.INT32,
            DType.INT64,
            DType.STRING,
            DType.BOOL,
            DType.FLOAT16,
            DType.FLOAT64,
            DType.UINT32,
            DType.UINT64,
            DType.COMPLEX64,
            DType.COMPLEX128,
            DType.BFLOAT16,
            DType.FLOAT8E4M3FN,
            DType.FLOAT8E4M3FNUZ,
            DType.FLOAT8E5M2,
            DType.FLOAT8E5M2FNUZ,
            DType.UINT4,
            DType.INT4,
            DType.FLOAT4E2M1,
            DType.FLOAT8E8M0,
            DType.UINT2,
            DType.INT2);

    private Types() {}

    /**
     * The number by which attributes of the standard name an element type.
     *
     * @param type an element type
     * @return its code in the standard's TensorProto.DataType, at least 1
     */
    public static int code(DType type) {
        return BY_CODE.indexOf(type) + 1;
    }

    /**
     * The element type that attributes of the standard name by a number.
     *
     * @param code a code of the standard's TensorProto.DataType
     * @return the element type, or nothing if the standard has no such code
     */
    public static Optional<DType> ofCode(long code) {
        return code >= 1 && code <= BY_CODE.size() ? Optional.of(BY_CODE.get((int) code - 1)) : Optional.empty();
    }

    /**
     * A set of element types.
     *
     * @param first one type
     * @param rest the others
     * @return an immutable set
     */
    public static Set<DType> set(DType first, DType... rest) {
        return Collections.unmodifiableSet(EnumSet.of(first, rest));
    }

    /**
     * The union of two sets.
     *
     * @param a a set
     * @param b another
     * @return an immutable set
     */
    public static Set<DType> union(Set<DType> a, Set<DType> b) {
        EnumSet<DType> all = EnumSet.copyOf(a);
        all.addAll(b);
        return Collections.unmodifiableSet(all);
    }
}
