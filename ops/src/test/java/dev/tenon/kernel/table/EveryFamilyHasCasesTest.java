package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.table.elementwise.ElementwiseKernels;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.Tier;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract of operators is checked on cases; these reach each family of kernels. */
@Tag("tiers")
@Tag("assembled")
class EveryFamilyHasCasesTest {
    private static List<KernelTable<?>> tables() throws Exception {
        List<KernelTable<?>> tables = new ArrayList<>();
        for (Class<? extends Op> operator : ElementwiseKernels.operators()) {
            tables.add(ElementwiseKernels.table(operator));
        }
        for (Class<?> room : CoreKernelsTest.classes()) {
            for (Field field : room.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType() == KernelTable.class) {
                    field.setAccessible(true);
                    tables.add((KernelTable<?>) field.get(null));
                }
            }
        }
        return tables;
    }

    /** The ids of the kernels that run the cases. */
    private static Set<String> reached() {
        Set<String> ids = new TreeSet<>();
        for (OpCase c : AllCases.all()) {
            if (c.error() != null) {
                continue;
            }
            List<TensorType> outputs = new ArrayList<>();
            for (Datum d : c.op().reference(new Operands(c.op(), "case", c.inputs(), c.outputs()))) {
                outputs.add(d instanceof Tensor t && t.dtype() != DType.STRING ? t.type() : null);
            }
            if (outputs.contains(null)) {
                continue;
            }
            for (boolean constants : new boolean[] {false, true}) {
                KernelRun.Prepared prepared = KernelRun.prepare(
                        CoreKernels.set(), c.op(), c.inputs(), outputs, constants, Tier.capabilities());
                if (prepared != null) {
                    ids.add(plain(prepared.kernel().id()));
                }
            }
        }
        return ids;
    }

    /** The id of a kernel in its table: without the width of vectors, the tile and other additions. */
    private static String plain(String id) {
        return id.replaceAll("_?\\d+x\\d+", "")
                .replaceAll("_(avx512|avxvnni|avx2)[a-z0-9]*(_.*)?$", "_x64")
                .replaceAll("(_vector|_scalar|_x64|_amx)\\d*(_.*)?$", "$1");
    }

    @Test
    void aCaseReachesEachOfThem() throws Exception {
        Set<String> reached = reached();
        Set<String> missing = new TreeSet<>();
        for (KernelTable<?> table : tables()) {
            if (table.choices().stream().map(choice -> plain(choice.id())).noneMatch(reached::contains)) {
                missing.add(table.family());
            }
        }
        assertThat(missing)
                .as("families of kernels that no case of an operator reaches: add one to its class of Cases")
                .isEmpty();
    }
}
