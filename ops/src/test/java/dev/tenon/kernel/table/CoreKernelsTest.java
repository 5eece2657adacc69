package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.table.elementwise.ElementwiseKernels;
import dev.tenon.kernel.table.fused.FusedKernels;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.math.Abs;
import dev.tenon.op.nn.Softmax;
import dev.tenon.testkit.AllCases;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CoreKernelsTest {
    /** The families: the classes of the package and its rooms that have a field {@code SET}, by their names. */
    private static Map<String, KernelSet> families()
            throws IOException, URISyntaxException, ReflectiveOperationException {
        String packageName = CoreKernels.class.getPackageName();
        Path classes = Path.of(CoreKernels.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve(packageName.replace('.', '/'));
        Map<String, KernelSet> families = new TreeMap<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                String inside = classes.relativize(file)
                        .toString()
                        .replace(".class", "")
                        .replace(File.separatorChar, '.');
                Class<?> type = Class.forName(packageName + "." + inside, false, CoreKernels.class.getClassLoader());
                if (type == CoreKernels.class) {
                    continue;
                }
                for (var field : type.getDeclaredFields()) {
                    if (field.getType() == KernelSet.class) {
                        field.setAccessible(true);
                        families.put(name, (KernelSet) field.get(null));
                    }
                }
            }
        }
        return families;
    }

    private static List<String> familiesOf(Class<? extends Op> operator, Map<String, KernelSet> families) {
        return families.entrySet().stream()
                .filter(f -> f.getValue().has(operator))
                .map(Map.Entry::getKey)
                .toList();
    }

    @Test
    void everyOperatorOfEveryFamilyIsListed() throws Exception {
        Map<String, KernelSet> families = families();
        assertThat(families).hasSizeGreaterThanOrEqualTo(28).containsKeys("ElementwiseKernels", "FusedKernels");
        List<String> missing = new ArrayList<>();
        Map<String, Integer> counts = new TreeMap<>();
        for (OpDefinition<?> d : AllCases.operators().definitions()) {
            List<String> owners = familiesOf(d.type(), families);
            assertThat(owners).as("families of %s", d.schema().qualifiedName()).hasSizeLessThan(2);
            owners.forEach(f -> counts.merge(f, 1, Integer::sum));
            if (!owners.isEmpty() && !CoreKernels.set().has(d.type())) {
                missing.add(d.schema().qualifiedName() + " of " + owners);
            }
        }
        assertThat(missing)
                .as("operators with kernels that CoreKernels does not list")
                .isEmpty();
        assertThat(counts.keySet())
                .as("families with an operator of the core set")
                .isEqualTo(families.keySet());
    }

    /** A look-up of an operator that is listed in the wrong family throws. */
    @Test
    void noOperatorIsListedWithoutKernels() throws Exception {
        Map<String, KernelSet> families = families();
        int found = 0;
        for (OpDefinition<?> d : AllCases.operators().definitions()) {
            if (CoreKernels.set().has(d.type())) {
                found++;
                assertThat(familiesOf(d.type(), families))
                        .as("families of %s", d.schema().qualifiedName())
                        .hasSize(1);
            }
        }
        assertThat(found).isGreaterThan(120);
    }

    @Test
    void laterKernelsWin() {
        KernelLowering<Op> none = (op, step) -> null;
        KernelSet set = CoreKernels.set().plus(KernelSet.empty().with(Softmax.class, none));
        assertThat(set.has(Softmax.class)).isTrue();
        assertThat(set.has(Abs.class)).isTrue();
        assertThat(KernelSet.empty().has(Abs.class)).isFalse();
        assertThat(CoreKernels.set().plus(KernelSet.empty())).isSameAs(CoreKernels.set());
    }
}
