package dev.tenon.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How large packages, files, methods and records of the main sources of all modules are. A limit that does not suit a case is no
 * reason to squeeze lines: the case becomes a line of {@link #EXCEPTIONS}, with its size and a reason. A line goes when its case
 * has become small enough.
 */
class LimitsTest {
    /** The limit, the case, the size that it may have, and why. */
    private static final String EXCEPTIONS = """
            METHOD_LINES | dev.tenon.kernel.table.CoreKernels.kernels | 80 | a table: a line for each family
            METHOD_LINES | dev.tenon.kernel.vector.gemm.GemmTile.manyRows | 93 | sums stay in registers as variables only, not as an array
            METHOD_LINES | dev.tenon.benchmarks.ceiling.FmaPeak.run24 | 79 | sums stay in registers as variables only, not as an array
            METHOD_LINES | dev.tenon.kernel.scalar.elementwise.ScalarLogic.compare | 61 | a loop for each comparison
            METHOD_PARAMETERS | dev.tenon.asm.VectorInstruction.<init> | 8 | the fields of a prefix of the processor's
            LOOP_PARAMETERS | dev.tenon.kernel.vector.elementwise.VectorSelect.select | 11 | four operands with their places; a record would be allocated
            LOOP_PARAMETERS | dev.tenon.kernel.vector.gemm.VectorGemm.run | 16 | matrices with their places; a record for each would be allocated in a run
            RECORD_COMPONENTS | dev.tenon.formats.onnx.proto.FunctionProto | 12 | the fields of a message of the format
            RECORD_COMPONENTS | dev.tenon.formats.onnx.proto.GraphProto | 10 | the fields of a message of the format
            RECORD_COMPONENTS | dev.tenon.formats.onnx.proto.ModelProto | 10 | the fields of a message of the format
            RECORD_COMPONENTS | dev.tenon.formats.onnx.proto.TensorProto | 14 | the fields of a message of the format
            RECORD_COMPONENTS | dev.tenon.serving.BatchStatistics | 15 | figures of one moment, which only the library makes
            RECORD_COMPONENTS | dev.tenon.compression.CompressionReport | 11 | the parts of a report, which only the library makes
            RECORD_COMPONENTS | dev.tenon.benchmarks.Suite | 10 | the columns of a table of suites
            FILE_LINES | dev.tenon.tensor.Tensor | 1555 | a hundred public methods of a line or two, each with its contract
            """;

    /** An operator of a model format has as many attributes as its standard says. */
    private static final String OPERATORS = "dev.tenon.op.";

    /** Loops over elements, which take an offset and a stride with each operand so that nothing is allocated. */
    private static final List<String> LEAF_LOOPS = List.of(
            "dev.tenon.kernel.scalar.",
            "dev.tenon.kernel.vector.",
            "dev.tenon.kernel.x64.",
            "dev.tenon.kernel.elementwise.",
            "dev.tenon.kernel.copy.",
            "dev.tenon.compression.prune.LeastSquaresSums.");

    private enum Limit {
        PACKAGE_TYPES(40),
        FILE_LINES(600),
        METHOD_LINES(60),
        METHOD_PARAMETERS(7),
        LOOP_PARAMETERS(10),
        RECORD_COMPONENTS(9);

        private final int most;

        Limit(int most) {
            this.most = most;
        }
    }

    private record Allowed(int size, String reason) {}

    private static final Map<Limit, Map<String, Integer>> SIZES = new EnumMap<>(Limit.class);

    @BeforeAll
    static void measureSources() throws IOException {
        for (Limit limit : Limit.values()) {
            SIZES.put(limit, new TreeMap<>());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            for (String module : House.MODULES) {
                List<Path> sources = House.files(House.root().resolve(module).resolve("src/main/java")).stream()
                        .filter(file -> file.toString().endsWith(".java") && !file.endsWith("module-info.java"))
                        .toList();
                JavacTask task = (JavacTask) compiler.getTask(
                        null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
                SourcePositions positions = Trees.instance(task).getSourcePositions();
                for (CompilationUnitTree unit : task.parse()) {
                    new Measuring(unit, positions).scan(unit, unit.getPackage().getPackageName() + ".");
                }
            }
        }
    }

    /** Measures one file. What is handed down is the name of the package or type that a tree is in, and a dot. */
    private static final class Measuring extends TreeScanner<Void, String> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final LineMap lines;

        /** Records, whose constructors have the parameters that {@link Limit#RECORD_COMPONENTS} counts. */
        private final Set<String> records = new HashSet<>();

        private Measuring(CompilationUnitTree unit, SourcePositions positions) {
            this.unit = unit;
            this.positions = positions;
            this.lines = unit.getLineMap();
        }

        private int lastLine(Tree tree) {
            return (int) lines.getLineNumber(positions.getEndPosition(unit, tree) - 1);
        }

        @Override
        public Void visitCompilationUnit(CompilationUnitTree tree, String where) {
            for (Tree type : tree.getTypeDecls()) {
                if (type instanceof ClassTree named) {
                    put(Limit.FILE_LINES, where + named.getSimpleName(), lastLine(type));
                    SIZES.get(Limit.PACKAGE_TYPES).merge(where, 1, Integer::sum);
                }
            }
            return super.visitCompilationUnit(tree, where);
        }

        @Override
        public Void visitClass(ClassTree tree, String where) {
            String name = where + tree.getSimpleName();
            if (tree.getKind() == Tree.Kind.RECORD) {
                records.add(name + ".");
            }
            if (tree.getKind() == Tree.Kind.RECORD && !where.startsWith(OPERATORS)) {
                put(Limit.RECORD_COMPONENTS, name, (int) tree.getMembers().stream()
                        .filter(LimitsTest::isComponent)
                        .count());
            }
            return super.visitClass(tree, name + ".");
        }

        @Override
        public Void visitMethod(MethodTree tree, String where) {
            long start = positions.getStartPosition(unit, tree);
            if (start < 0) {
                return null;
            }
            String name = where + tree.getName();
            if (records.contains(where) && tree.getName().contentEquals("<init>")) {
                return super.visitMethod(tree, where);
            }
            put(Limit.METHOD_LINES, name, lastLine(tree) - (int) lines.getLineNumber(start) + 1);
            boolean loop = LEAF_LOOPS.stream().anyMatch(where::startsWith);
            put(
                    loop ? Limit.LOOP_PARAMETERS : Limit.METHOD_PARAMETERS,
                    name,
                    tree.getParameters().size());
            return super.visitMethod(tree, where);
        }

        private static void put(Limit limit, String name, int size) {
            SIZES.get(limit).merge(name, size, Math::max);
        }
    }

    private static boolean isComponent(Tree member) {
        return member instanceof VariableTree field
                && !field.getModifiers().getFlags().contains(Modifier.STATIC);
    }

    private static Map<String, Allowed> allowed(Limit limit) {
        Map<String, Allowed> allowed = new TreeMap<>();
        for (String line : EXCEPTIONS.lines().toList()) {
            String[] parts = line.split("\\s*\\|\\s*");
            if (Limit.valueOf(parts[0]) == limit) {
                allowed.put(parts[1], new Allowed(Integer.parseInt(parts[2]), parts[3]));
            }
        }
        return allowed;
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLarger(Limit limit) {
        Map<String, Allowed> allowed = allowed(limit);
        List<String> wrong = new ArrayList<>();
        SIZES.get(limit).forEach((name, size) -> {
            boolean catalogue = limit == Limit.PACKAGE_TYPES && name.startsWith(OPERATORS);
            Allowed exception = allowed.remove(name);
            if (exception != null && size <= limit.most) {
                wrong.add(name + " has " + size + ": its exception is no longer needed");
            } else if (!catalogue && size > (exception == null ? limit.most : exception.size())) {
                wrong.add(name + " has " + size);
            }
        });
        allowed.keySet().forEach(name -> wrong.add(name + " does not exist, but has an exception"));
        assertThat(SIZES.get(limit)).isNotEmpty();
        assertThat(wrong)
                .as("%s: at most %s, or an exception with a reason", limit, limit.most)
                .isEmpty();
    }
}
