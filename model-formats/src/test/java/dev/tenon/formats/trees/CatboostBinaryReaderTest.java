package dev.tenon.formats.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.table.Column;
import dev.tenon.formats.table.Columns;
import dev.tenon.testkit.fuzz.FlatWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CatBoost's binary format: results that are counted by hand, and files that are refused. */
class CatboostBinaryReaderTest {
    private static final Limits LIMITS = Limits.standard().maxRecords(10_000);

    private static ModelFile read(Object[] trees) {
        return TreeFiles.read(TreeFiles.cbm(trees), LIMITS);
    }

    private static Object[] with(int field, Object value) {
        Object[] trees = TreeFiles.catboostTrees();
        trees[field] = value;
        return trees;
    }

    private static double margin(ModelFile model, float... row) {
        return TreeFiles.run(model, row).getLast().getDouble(0);
    }

    @Test
    void numbersAndCategoriesAreTested() {
        ModelFile model = read(TreeFiles.catboostTrees());
        assertThat(margin(model, 0.5f, 1)).isEqualTo(2 * 3 + 0.5);
        assertThat(margin(model, 0.6f, 1)).isEqualTo(2 * 4 + 0.5);
        assertThat(margin(model, 0.6f, 0)).isEqualTo(2 * 2 + 0.5);
        assertThat(margin(model, Float.NaN, Float.NaN)).isEqualTo(2 * 2 + 0.5);
        assertThat(margin(model, 0, 7)).isEqualTo(2 * 1 + 0.5);
        assertThat(model.graph().outputNames()).containsExactly("prediction", "margin");
        assertThat(model.metadata().producerVersion()).isEqualTo("1.2");
        assertThat(Columns.of(model.metadata()).orElseThrow().columns())
                .containsExactly(Column.numeric("a"), Column.categorical("city", List.of("Bern", "Chur")));
    }

    @Test
    void nodesMayKeepALeafOfTheirOwn() {
        ModelFile model = read(TreeFiles.catboostNodes(0, 1, 1, 2, 0, 0, 0, 0));
        assertThat(margin(model, 0.5f, 0)).isEqualTo(2 * 1 + 0.5);
        assertThat(margin(model, 0.6f, 1)).isEqualTo(2 * 2 + 0.5);
        assertThat(margin(model, 0.6f, 0)).isEqualTo(2 * 3 + 0.5);
    }

    @Test
    void otherFeaturesAreRefusedByName() {
        Object[] projection = {new int[] {0}};
        Object[] statistics = {new Object[] {new Object[] {projection, (byte) 0}}, new float[] {1}};
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> read(with(7, List.<Object[]>of(statistics))))
                .withMessageContaining("categorical feature 'city'")
                .withMessageContaining("one_hot_max_size");
        List<Object[]> story = List.<Object[]>of(new Object[] {0, 2, "story"});
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> read(with(12, story)))
                .withMessageContaining("text feature 'story'");
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> read(with(18, story)))
                .withMessageContaining("embedding feature 'story'");
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> read(with(13, story)))
                .withMessageContaining("estimated feature");
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> TreeFiles.read(
                        TreeFiles.cbm(FlatWriter.write("FlabuffersModel_v2", TreeFiles.catboostTrees())), LIMITS))
                .withMessageContaining("'FlabuffersModel_v2'");
    }

    /** The differences that lead from nodes to their children: out of the tree, to one node from two, and on and on. */
    @ParameterizedTest
    @CsvSource({"0,9,0,0", "0,65535,0,0", "1,1,0,0", "1,2,1,0"})
    void wrongNodesAreRefused(int left, int right, int left1, int right1) {
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> read(TreeFiles.catboostNodes(left, right, left1, right1, 0, 0, 0, 0)))
                .withMessageContaining("leads to node");
    }

    @Test
    void deepTreesAreLimited() {
        int depth = 1000;
        Object[] trees = TreeFiles.catboostTrees();
        trees[1] = new int[depth];
        trees[2] = new int[] {depth};
        short[] steps = new short[2 * depth];
        for (int i = 0; i + 1 < depth; i++) {
            steps[2 * i] = 1;
        }
        trees[10] = steps;
        trees[11] = new int[depth];
        assertThatExceptionOfType(ResourceLimitException.class)
                .isThrownBy(() -> read(trees))
                .withMessageContaining("Limits.maxNesting");
    }

    /** Many trees that are the same nodes, and many features with long names. */
    @Test
    void repetitionsAreLimited() {
        Object[] trees = TreeFiles.catboostNodes(0, 1, 1, 2, 0, 0, 0, 0);
        int[] sizes = new int[5_000];
        Arrays.fill(sizes, 4);
        trees[2] = sizes;
        trees[3] = new int[sizes.length];
        assertThatExceptionOfType(ResourceLimitException.class).isThrownBy(() -> read(trees));
        Object[] feature = {(byte) 1, 0, 0, null, "a".repeat(1000)};
        assertThatExceptionOfType(ResourceLimitException.class)
                .isThrownBy(() -> read(with(5, Collections.nCopies(9_000, feature))));
    }

    @Test
    void wrongNumbersAreRefused() {
        for (Object[] trees : List.of(
                with(0, 0),
                with(0, 1 << 20),
                with(1, new int[] {0, 3}),
                with(1, new int[] {0, -1}),
                with(2, new int[] {31}),
                with(2, new int[] {-1}),
                with(3, new int[] {1}),
                with(3, new int[] {-1}),
                with(3, new int[] {}),
                with(8, new double[] {1, 2, 3}),
                with(16, new double[] {1, 2}),
                with(6, List.<Object[]>of(new Object[] {5, new int[] {1}})),
                with(6, List.<Object[]>of(new Object[] {0, new int[] {1, 2}, List.of("one")})),
                with(5, List.<Object[]>of(new Object[] {(byte) 1, 0, -1, new float[] {0.5f}})),
                with(5, List.<Object[]>of(new Object[] {(byte) 1, 0, 0, new float[] {0.5f}, "a", (byte) 3})))) {
            assertThatExceptionOfType(MalformedModelException.class).isThrownBy(() -> read(trees));
        }
    }

    @Test
    void sizesAreChecked() {
        for (String file : List.of("CBM1", "CBM1 and more", "CBM1\0\0\0\0", "CBM1\u00FF\u00FF\u00FF\u00FF\0\0")) {
            assertThatExceptionOfType(MalformedModelException.class)
                    .isThrownBy(() -> TreeFiles.read(file.getBytes(StandardCharsets.ISO_8859_1), LIMITS));
        }
    }
}
