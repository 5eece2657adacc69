package dev.tenon.benchmarks.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.kernel.table.elementwise.ElementwiseKernels;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Exhaustive;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each kernel of vectors and of machine code has a benchmark, on operators that it really runs, with correct results. */
@Tag("vector")
class KernelOperatorsTest {
    /** The public tables of the package of kernels, and those of the element-wise operators. */
    private static List<KernelTable<?>> tables() throws IOException, URISyntaxException, ReflectiveOperationException {
        List<KernelTable<?>> tables = new ArrayList<>();
        for (Class<? extends Op> operator : ElementwiseKernels.operators()) {
            tables.add(ElementwiseKernels.table(operator));
        }
        Path code = Path.of(CoreKernels.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        if (Files.isDirectory(code)) {
            addTables(code, tables);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + code.toUri()), Map.of())) {
                addTables(jar.getPath("/"), tables);
            }
        }
        return tables;
    }

    private static void addTables(Path root, List<KernelTable<?>> tables)
            throws IOException, ReflectiveOperationException {
        List<Path> files;
        try (Stream<Path> list = Files.walk(root.resolve("dev/tenon/kernel/table"))) {
            files = list.sorted().toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (!name.endsWith("Kernels.class")) {
                continue;
            }
            Class<?> type = Class.forName(root.relativize(file)
                    .toString()
                    .replace(".class", "")
                    .replace(root.getFileSystem().getSeparator(), "."));
            for (Field field : type.getDeclaredFields()) {
                boolean open = Modifier.isPublic(field.getModifiers()) && Modifier.isStatic(field.getModifiers());
                if (open && field.getType() == KernelTable.class) {
                    tables.add((KernelTable<?>) field.get(null));
                }
            }
        }
    }

    @Test
    void everyVectorAndMachineCodeKernelHasALine()
            throws IOException, URISyntaxException, ReflectiveOperationException {
        List<KernelTable<?>> tables = tables();
        assertThat(tables.stream().map(KernelTable::family))
                .hasSizeGreaterThan(60)
                .contains("conv", "conv_last", "pool_last", "gemm", "recurrent", "add");
        Set<String> ids = new TreeSet<>();
        for (KernelTable<?> table : tables) {
            table.choices().stream()
                    .map(KernelChoice::id)
                    .map(KernelCase::plain)
                    .filter(id -> id.endsWith("_vector") || id.endsWith("_x64") || id.endsWith("_amx"))
                    .forEach(ids::add);
        }
        assertThat(ids).hasSizeGreaterThan(60);
        ids.removeAll(KernelOperators.kernels());
        assertThat(ids)
                .as("kernels without a line of KernelOperators, which are never measured")
                .isEmpty();
    }

    /**
     * Prepares the kernel of each line. An exhaustive run also runs the first line of each kernel, of the size that is measured;
     * contract tests run them all with smaller sizes.
     */
    @TestFactory
    Stream<DynamicTest> aLineIsThatOfItsKernel() {
        Capabilities machine = Tiers.detect().capabilities();
        Set<String> seen = new LinkedHashSet<>();
        return KernelOperators.lines().stream().map(line -> {
            boolean first = seen.add(line.kernel());
            boolean fits = line.fits(machine);
            return DynamicTest.dynamicTest(
                    line.kernel() + " " + line.operator(), () -> check(line.kernel(), line.operator(), fits, first));
        });
    }

    private static void check(String kernel, String operator, boolean fits, boolean run) {
        if (!fits) {
            assertThatThrownBy(() -> KernelCase.of(kernel, operator, KernelCase.HERE))
                    .hasMessageContaining("does not run by kernel");
            return;
        }
        KernelCase here = KernelCase.of(kernel, operator, KernelCase.HERE);
        assertThat(KernelCase.plain(here.model())).isEqualTo(kernel);
        assertThat(here.bytes()).isPositive();
        // Products in fewer bits have no scalar kernel; their contract test compares them with the reference.
        if (!run || !Exhaustive.isOn() || kernel.startsWith("gemm_f32_as_")) {
            return;
        }
        if (NarrowOperators.isReduced(here.graph())) {
            // There is no scalar kernel of it. A peer computes it in float32.
            Agreement agreement = Agreement.of(here);
            assertThat(agreement.holds(here)).as("%s", agreement).isTrue();
            return;
        }
        KernelCase scalar = KernelCase.of(KernelCase.SELECTED, here.operator(), here.graph(), KernelCase.SCALAR);
        float[] expected = output(scalar);
        float[] actual = output(here);
        if (!((TensorType) here.step().types().outputs().getFirst()).dtype().isFloating()) {
            assertThat(actual).isEqualTo(expected);
            return;
        }
        assertThat(most(actual, expected, scalar, here.step().node().op().numerics()))
                .as("the largest difference, where 1 is what the operator allows two results")
                .isLessThanOrEqualTo(1);
    }

    /** The largest difference of two results, relative to the bound that holds if both are as exact as they must be. */
    private static double most(float[] actual, float[] expected, KernelCase scalar, Numerics numerics) {
        assertThat(actual).hasSameSizeAs(expected);
        // The bound depends on magnitudes only if the operator adds up terms.
        float[] magnitudes = numerics.terms() == 0 ? expected : magnitudes(scalar);
        double most = 0;
        for (int i = 0; i < expected.length; i++) {
            double magnitude = Math.max(Math.abs(expected[i]), Math.abs(magnitudes[i]));
            double bound = 2 * numerics.tolerance(DType.FLOAT32, expected[i], magnitude);
            double difference = actual[i] == expected[i] ? 0 : Math.abs((double) actual[i] - expected[i]) / bound;
            // A result must not be NaN.
            most = difference <= most ? most : difference;
        }
        return most;
    }

    private static float[] output(KernelCase c) {
        try (PreparedRun run = c.prepare(Engines.TENON)) {
            run.run();
            return run.output();
        }
    }

    /** The result of scalar loops for absolute values, to which errors are relative. */
    private static float[] magnitudes(KernelCase scalar) {
        Graph graph = scalar.graph();
        Map<String, Tensor> constants = new HashMap<>();
        for (Value v : graph.constants()) {
            constants.put(v.name(), absolute(v.constant()));
        }
        Map<String, Tensor> inputs = new HashMap<>();
        scalar.operator().inputs().forEach((name, x) -> inputs.put(name, absolute(x)));
        Graph absolute = GraphText.parse(GraphText.print(graph), StandardOperators.set(), constants::get);
        OperatorCase operator = new OperatorCase(graph.name(), absolute, inputs, null, 0);
        return output(KernelCase.of(KernelCase.SELECTED, operator, absolute, KernelCase.SCALAR));
    }

    private static Tensor absolute(Tensor t) {
        if (!t.dtype().isFloating()) {
            return t;
        }
        if (t.dtype() == DType.FLOAT32) {
            float[] values = t.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.abs(values[i]);
            }
            return Tensor.wrap(values, t.dims());
        }
        Tensor a = Tensor.allocate(t.dtype(), t.dims());
        for (long i = 0; i < t.size(); i++) {
            a.setDouble(i, Math.abs(t.getDouble(i)));
        }
        return a;
    }

    @Test
    void operatorsHaveNamesOfTheirOwn() {
        List<String> defined = KernelOperators.lines().stream()
                .filter(line -> !line.text().isEmpty())
                .map(KernelOperators.Line::operator)
                .toList();
        assertThat(defined).doesNotHaveDuplicates();
        assertThat(KernelOperators.lines().stream().map(line -> line.kernel() + " " + line.operator()))
                .doesNotHaveDuplicates();
        assertThat(KernelOperators.find("softmax_2x3")).isNull();
    }

    @Test
    void elementsAreAsTheTextSays() {
        OperatorCase c = OperatorText.read("sum", "Where(bool[9], f32[9] positive, f32[9] within 0.5)");
        assertThat(c.inputs().keySet()).containsExactly("x0", "x1", "x2");
        for (float x : c.inputs().get("x1").toFloatArray()) {
            assertThat(x).isBetween(0.1f, 1f);
        }
        for (float x : c.inputs().get("x2").toFloatArray()) {
            assertThat(x).isBetween(-0.5f, 0.5f);
        }
        OperatorCase looked = OperatorText.read("looked", "Gather(const f32[5,4], i64[99] below 5)");
        for (long i : looked.inputs().get("x1").toLongArray()) {
            assertThat(i).isBetween(0L, 4L);
        }
        assertThat(looked.graph().constants()).hasSize(1);
        assertThatThrownBy(() -> OperatorText.read("none", "Sort(f32[3])")).hasMessageContaining("Sort");
    }
}
