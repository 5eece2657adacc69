package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import java.util.EnumSet;
import java.util.Set;

/** Schemas that differ between element-wise operators only in their names. */
final class Schemas {
    /** The types that Cast takes: everything but complex numbers. */
    static final Set<DType> CASTABLE = Set.copyOf(EnumSet.complementOf(EnumSet.of(DType.COMPLEX64, DType.COMPLEX128)));

    /** The types that Equal takes. */
    static final Set<DType> COMPARABLE = Types.union(Types.NUMBERS, Types.set(DType.BOOL, DType.STRING));

    private Schemas() {}

    /** A function of floats with exact results. */
    static OpSchema unary(String name, String input, String output) {
        return unary(name, input, output, Types.FLOATS);
    }

    /** A function of floats whose results are right to some units in the last place; 0.5 means rounded correctly. */
    static OpSchema unary(String name, String input, String output, double ulps) {
        return unary(name, input, output, Types.FLOATS).ulps(ulps);
    }

    static OpSchema unary(String name, String input, String output, Set<DType> types) {
        return OpSchema.of(name).input(input, "T").output(output, "T").where("T", types);
    }

    /** A function of two numbers. */
    static OpSchema binary(String name) {
        return binary(name, Types.NUMBERS);
    }

    static OpSchema binary(String name, Set<DType> types) {
        return OpSchema.of(name)
                .input("A", "T")
                .input("B", "T")
                .output("C", "T")
                .where("T", types);
    }

    static OpSchema variadic(String name, String output, Set<DType> types) {
        return OpSchema.of(name).variadic("data_0", "T").output(output, "T").where("T", types);
    }

    /** A comparison of two numbers. */
    static OpSchema comparison(String name) {
        return comparison(name, Types.NUMBERS);
    }

    /** A function of two booleans. */
    static OpSchema logic(String name) {
        return comparison(name, Types.BOOL);
    }

    static OpSchema comparison(String name, Set<DType> types) {
        return OpSchema.of(name)
                .input("A", "T")
                .input("B", "T")
                .output("C", "T1")
                .where("T", types)
                .where("T1", Types.BOOL);
    }

    static OpSchema classification(String name) {
        Set<DType> small = Types.set(DType.FLOAT8E4M3FN, DType.FLOAT8E4M3FNUZ, DType.FLOAT8E5M2, DType.FLOAT8E5M2FNUZ);
        return OpSchema.of(name)
                .input("X", "T1")
                .output("Y", "T2")
                .where("T1", Types.union(Types.FLOATS, small))
                .where("T2", Types.BOOL);
    }

    static OpSchema cast(OpSchema named, String... inputs) {
        OpSchema schema = named;
        for (int i = 0; i < inputs.length; i++) {
            schema = schema.input(inputs[i], "T" + (i + 1));
        }
        return schema.output("output", "T2").where("T1", CASTABLE).where("T2", CASTABLE);
    }
}
