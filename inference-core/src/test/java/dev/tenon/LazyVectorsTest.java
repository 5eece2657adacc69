package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.PlanningProgram;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first vector takes a JVM tens of milliseconds. Loading and planning a package does not need it. */
@Tag("vector")
class LazyVectorsTest {
    /** The class that the JDK loads for the first vector of floats. */
    private static final String SPECIES = "jdk.incubator.vector.FloatVector$FloatSpecies";

    /** Machine code would be chosen before vectors. */
    private static final List<String> FLAGS =
            List.of("--add-modules", "jdk.incubator.vector", "-Xlog:class+load", "-Dtenon.native=off");

    @TempDir
    private Path folder;

    private String logOf(String graph, long... dims) throws Exception {
        Path file = folder.resolve("model.tenon");
        SmallModels.model(graph).session().warmUp(Map.of("x", dims)).save(file);
        String[] arguments = new String[dims.length + 1];
        arguments[0] = file.toString();
        for (int i = 0; i < dims.length; i++) {
            arguments[i + 1] = Long.toString(dims[i]);
        }
        ChildJvm.Result child = ChildJvm.run(folder, FLAGS, PlanningProgram.class, arguments);
        assertThat(child.status()).as(child.output()).isZero();
        return child.output();
    }

    private static void check(String log) {
        int planned = log.indexOf("\n" + PlanningProgram.PLANNED);
        int predicted = log.indexOf("\n" + PlanningProgram.PREDICTED);
        assertThat(planned).as(log).isPositive();
        assertThat(log.indexOf(SPECIES)).isBetween(planned, predicted);
    }

    @Test
    void productsNormsAndSoftmaxArePlannedWithoutVectors() throws Exception {
        check(logOf("""
            graph (%x: f32[n,64,128]) {
              %w = const f32[128,256] @w128x256
              %b = const f32[256] @b256
              %scale = const f32[256] @s256
              %m = MatMul(%x, %w)
              %a = Add(%m, %b)
              %g = Gelu(%a)
              %l = LayerNormalization<axis=-1>(%g, %scale)
              %y = Softmax<axis=-1>(%l)
              return %y
            }
            """, 2, 64, 128));
    }

    @Test
    void convolutionsArePlannedWithoutVectors() throws Exception {
        check(logOf("""
            graph (%x: f32[n,32,24,24]) {
              %w1 = const f32[64,32,1,1] @w64x32x1x1
              %w2 = const f32[64,1,3,3] @w64x1x3x3
              %w3 = const f32[64,64,3,3] @w64x64x3x3
              %c1 = Conv(%x, %w1)
              %r1 = Relu(%c1)
              %c2 = Conv<group=64, pads=[1, 1, 1, 1]>(%r1, %w2)
              %c3 = Conv<pads=[1, 1, 1, 1]>(%c2, %w3)
              %p = MaxPool<kernel_shape=[2, 2], strides=[2, 2]>(%c3)
              %y = GlobalAveragePool(%p)
              return %y
            }
            """, 1, 32, 24, 24));
    }
}
