package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.CoreOps;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.math.Abs;
import dev.tenon.op.nn.Softmax;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CoreKernelsTest {
    /** The kernel sets of all families: constants of the classes of this package. */
    private static List<KernelSet> families() throws IOException, ReflectiveOperationException {
        Path classes = Path.of(
                CoreKernels.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath(),
                "dev/tenon/kernel/table");
        List<KernelSet> families = new ArrayList<>();
        try (Stream<Path> files = Files.list(classes)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith("Kernels.class")) {
                    Class<?> type = Class.forName("dev.tenon.kernel.table." + name.replace(".class", ""));
                    for (var field : type.getFields()) {
                        if (field.getType() == KernelSet.class) {
                            families.add((KernelSet) field.get(null));
                        }
                    }
                }
            }
        }
        return families;
    }

    @Test
    void everyOperatorOfEveryFamilyIsNamed() throws IOException, ReflectiveOperationException {
        List<KernelSet> families = families();
        assertThat(families).hasSizeGreaterThan(15);
        List<String> missing = new ArrayList<>();
        for (OpDefinition<?> d : CoreOps.set().definitions()) {
            boolean has = families.stream().anyMatch(f -> f.has(d.type()));
            if (has != CoreKernels.set().has(d.type())) {
                missing.add(d.schema().qualifiedName());
            }
        }
        assertThat(missing)
                .as("operators with kernels that CoreKernels does not look for in their family")
                .isEmpty();
    }

    @Test
    void laterKernelsOverrideEarlierOnes() {
        KernelLowering<Op> none = (op, step) -> null;
        KernelSet set = CoreKernels.set().plus(KernelSet.empty().with(Softmax.class, none));
        assertThat(set.has(Softmax.class)).isTrue();
        assertThat(set.has(Abs.class)).isTrue();
        assertThat(KernelSet.empty().has(Abs.class)).isFalse();
        assertThat(CoreKernels.set().plus(KernelSet.empty())).isSameAs(CoreKernels.set());
    }
}
