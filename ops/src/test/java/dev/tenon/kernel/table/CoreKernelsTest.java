package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.table.elementwise.ElementwiseKernels;
import dev.tenon.kernel.table.fused.FusedKernels;
import dev.tenon.op.Op;
import dev.tenon.op.math.Abs;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Gather;
import dev.tenon.testkit.AllCases;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CoreKernelsTest {
    /** The classes of the rooms of kernels. */
    static List<Class<?>> classes() throws IOException, URISyntaxException, ReflectiveOperationException {
        String packageName = CoreKernels.class.getPackageName();
        Path root = Path.of(CoreKernels.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve(packageName.replace('.', '/'));
        List<Class<?>> classes = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String inside =
                        root.relativize(file).toString().replace(".class", "").replace(File.separatorChar, '.');
                classes.add(Class.forName(packageName + "." + inside, false, CoreKernels.class.getClassLoader()));
            }
        }
        return classes;
    }

    /** The families: the classes that have a field {@code FAMILY}. */
    private static List<Class<?>> families() throws IOException, URISyntaxException, ReflectiveOperationException {
        List<Class<?>> families = new ArrayList<>(classes());
        families.removeIf(type -> Stream.of(type.getDeclaredFields())
                .noneMatch(field -> field.getName().equals("FAMILY")));
        return families;
    }

    /** The constants of a class file name the classes that it refers to. */
    @Test
    void everyFamilyIsListed() throws Exception {
        List<Class<?>> families = families();
        assertThat(families).hasSizeGreaterThanOrEqualTo(40).contains(ElementwiseKernels.class, FusedKernels.class);
        byte[] code;
        try (InputStream in = CoreKernels.class.getResourceAsStream("CoreKernels.class")) {
            code = in.readAllBytes();
        }
        String constants = new String(code, StandardCharsets.ISO_8859_1);
        assertThat(families)
                .allSatisfy(family ->
                        assertThat(constants).contains(family.getName().replace('.', '/')));
    }

    @Test
    void manyOperatorsHaveKernels() {
        long found = AllCases.operators().definitions().stream()
                .filter(d -> CoreKernels.set().has(d.type()))
                .count();
        assertThat(found).isGreaterThan(120);
        assertThat(CoreKernels.set().has(new Gather(0))).isTrue();
    }

    /** Operators with the names of others. */
    private static final class Own {
        private interface Relu extends Op {}
    }

    @Test
    void anOperatorOfTheSameNameHasNone() {
        assertThat(CoreKernels.set().has(Own.Relu.class)).isFalse();
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
