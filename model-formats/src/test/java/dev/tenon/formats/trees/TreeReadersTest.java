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
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small models whose results are counted by hand. */
class TreeReadersTest {
    private static final float NAN = Float.NaN;

    private static float xgboost(String file, float... row) {
        return TreeFiles.run(TreeFiles.read(file), row).getLast().getFloat(0);
    }

    /** Margins of a base score of 0.5, which is 0 as a margin. */
    @Test
    void xgboostTreesAreWalked() {
        String m = TreeFiles.XGBOOST;
        // Category 1 goes right, 0 and unknown ones left; missing ones right, as default_left of the node says.
        assertThat(xgboost(m, 0, 1)).isEqualTo(2 + 0.25f + 0.5f);
        assertThat(xgboost(m, 0, 3.9f)).isEqualTo(2 + 0.25f + 0.5f);
        assertThat(xgboost(m, 0, 0)).isEqualTo(1 + 0.25f + 0.5f);
        assertThat(xgboost(m, 0, 1e6f)).isEqualTo(1 + 0.25f + 0.5f);
        assertThat(xgboost(m, 0, -0.5f)).isEqualTo(1 + 0.25f + 0.5f);
        assertThat(xgboost(m, 0, NAN)).isEqualTo(2 + 0.25f + 0.5f);
        // 0.25 is not below 0.25; missing goes left in the first tree and right in the second.
        assertThat(xgboost(m, 0.25f, 1)).isEqualTo(4 + 0.25f + 0.5f);
        assertThat(xgboost(m, Math.nextDown(0.25f), 1)).isEqualTo(2 + 0.25f + 0.5f);
        assertThat(xgboost(m, NAN, 1)).isEqualTo(2 + 0.25f + 0.5f);
        assertThat(xgboost(m, -1, 1)).isEqualTo(2 + 0.125f + 0.5f);
    }

    @ParameterizedTest
    @CsvSource({"5E-1,0", "[5E-1],0", "0.75,1.0986123", "[ 7.5E-1 ],1.0986123"})
    void baseScoresAreTextsInBracketsOrNot(String base, float margin) {
        float found = xgboost(TreeFiles.xgboost(base, "binary:logistic"), 0, 1);
        assertThat(found).isEqualTo((2 + margin) + 0.25f + 0.5f);
    }

    @ParameterizedTest
    @CsvSource({"\"5E-1\",0.5", "0.5,0.5", "[0.5],0.5"})
    void baseScoresAreNumbersOrLists(String base, float margin) {
        String file = TreeFiles.xgboost("5E-1", "reg:squarederror").replace("\"5E-1\"", base);
        assertThat(xgboost(file, 0, 1)).isEqualTo(margin + 2 + 0.25f + 0.5f);
    }

    @Test
    void xgboostLinksMarginsToPredictions() {
        assertThat(TreeFiles.read(TreeFiles.XGBOOST).graph().outputNames()).containsExactly("prediction", "margin");
        float p = TreeFiles.run(TreeFiles.read(TreeFiles.XGBOOST), 0f, 1f)
                .getFirst()
                .getFloat(0);
        assertThat(p).isEqualTo((float) (1 / (1 + Math.exp(-2.75))));
        ModelFile plain = TreeFiles.read(TreeFiles.xgboost("0", "reg:squarederror"));
        assertThat(plain.graph().outputNames()).containsExactly("prediction");
        assertThat(plain.metadata().producer()).isEqualTo("XGBoost");
        assertThat(plain.metadata().producerVersion()).isEqualTo("3.4.0");
        assertThat(plain.metadata().properties()).containsEntry("best_iteration", "1");
    }

    @Test
    void dartWeighsTrees() {
        String dart = TreeFiles.xgboost("0", "reg:squarederror")
                .replace(
                        "\"name\":\"gbtree\"},\"learner_model",
                        "\"name\":\"gbtree\"},\"name\":\"dart\",\"weight_drop\":[0.5,2,1]},\"learner_model")
                .replace("\"gradient_booster\":{", "\"gradient_booster\":{\"gbtree\":{");
        assertThat(xgboost(dart, 0, 1)).isEqualTo(1 + 0.5f + 0.5f);
    }

    @Test
    void xgboostReadsUbjson() {
        ModelFile model = TreeFiles.read(TreeFiles.ubjson(), Limits.standard());
        assertThat(TreeFiles.run(model, 0f).getFirst().getFloat(0)).isEqualTo(1.5f);
        assertThat(TreeFiles.run(model, 0.25f).getFirst().getFloat(0)).isEqualTo(2.5f);
        assertThat(TreeFiles.run(model, NAN).getFirst().getFloat(0)).isEqualTo(1.5f);
    }

    @Test
    void columnsKeepTheirNamesAndCategories() {
        assertThat(columns(TreeFiles.XGBOOST))
                .containsExactly(Column.numeric("a"), Column.categorical("b", List.of("x", "yz")));
        assertThat(columns(TreeFiles.LIGHTGBM))
                .containsExactly(Column.numeric("a"), Column.categorical("b", List.of("x", "y", "7")));
        assertThat(columns(TreeFiles.CATBOOST)).containsExactly(Column.numeric("a"), Column.numeric("b"));
    }

    private static List<Column> columns(String file) {
        return Columns.of(TreeFiles.read(file).metadata()).orElseThrow().columns();
    }

    private static double lightgbm(double... row) {
        return TreeFiles.run(TreeFiles.read(TreeFiles.LIGHTGBM), row).getLast().getDouble(0);
    }

    /** The first tree treats NaN as missing and sends it left; the second one treats zeros so. */
    @Test
    void lightgbmTreesAreWalked() {
        // The categories 0, 2 and 33 go left.
        assertThat(lightgbm(0.25, 2)).isEqualTo(1 + 0.25 + 0.5);
        assertThat(lightgbm(0.2, 33.5)).isEqualTo(1 + 0.25 + 0.5);
        assertThat(lightgbm(0.2, -0.5)).isEqualTo(1 + 0.25 + 0.5);
        assertThat(lightgbm(0.2, -1)).isEqualTo(2 + 0.25 + 0.5);
        assertThat(lightgbm(0.2, 1)).isEqualTo(2 + 0.25 + 0.5);
        assertThat(lightgbm(0.2, NAN)).isEqualTo(2 + 0.25 + 0.5);
        assertThat(lightgbm(Math.nextUp(0.25), 2)).isEqualTo(4 + 0.25 + 0.5);
        assertThat(lightgbm(NAN, 2)).isEqualTo(1 + 0.125 + 0.5);
        assertThat(lightgbm(0, 2)).isEqualTo(1 + 0.125 + 0.5);
        assertThat(lightgbm(1e-36, 2)).isEqualTo(1 + 0.125 + 0.5);
        assertThat(lightgbm(-1, 2)).isEqualTo(1 + 0.125 + 0.5);
    }

    @Test
    void linearLeavesFallBackToTheirWeights() {
        ModelFile model = TreeFiles.read(TreeFiles.LINEAR);
        assertThat(TreeFiles.run(model, -2.0, 4.0).getFirst().getDouble(0)).isEqualTo(1 - 1 + 1);
        assertThat(TreeFiles.run(model, -2.0, Double.NaN).getFirst().getDouble(0))
                .isEqualTo(10);
        assertThat(TreeFiles.run(model, 1.0, Double.NaN).getFirst().getDouble(0))
                .isEqualTo(2);
    }

    @Test
    void catboostTreesAreWalked() {
        ModelFile model = TreeFiles.read(TreeFiles.CATBOOST);
        assertThat(TreeFiles.run(model, 0.5f, 1f).getLast().getDouble(0)).isEqualTo(2.5);
        assertThat(TreeFiles.run(model, 0.6f, 1f).getLast().getDouble(0)).isEqualTo(4.5);
        assertThat(TreeFiles.run(model, 0.5f, 1.1f).getLast().getDouble(0)).isEqualTo(6.5);
        assertThat(TreeFiles.run(model, NAN, 1.1f).getLast().getDouble(0)).isEqualTo(8.5);
        assertThat(TreeFiles.run(model, NAN, NAN).getLast().getDouble(0)).isEqualTo(4.5);
        assertThat(TreeFiles.run(model, 0.6f, 1f).getFirst().getDouble(0)).isEqualTo(1 / (1 + Math.exp(-4.5)));
    }

    /** CatBoost does not replace missing values of a feature that had none in training. */
    @Test
    void catboostComparesUnexpectedMissingValuesAsTheyAre() {
        String file = TreeFiles.CATBOOST.replace("\"has_nans\":true", "\"has_nans\":false");
        assertThat(TreeFiles.run(TreeFiles.read(file), NAN, NAN).getLast().getDouble(0))
                .isEqualTo(2.5);
    }

    @Test
    void cyclesAreRefused() {
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> TreeFiles.read(TreeFiles.XGBOOST.replace(
                        "\"left_children\":[1,3,-1,-1,-1]", "\"left_children\":[1,0,-1,-1,-1]")))
                .withMessageContaining("leads back to itself");
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> TreeFiles.read(TreeFiles.LIGHTGBM.replace("left_child=1 -1", "left_child=1 0")))
                .withMessageContaining("leads back to itself");
    }

    @ParameterizedTest
    @ValueSource(strings = {"my:objective", ""})
    void unknownObjectivesAreNamed(String objective) {
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> TreeFiles.read(TreeFiles.xgboost("0", objective)))
                .withMessageContaining("'" + objective + "'")
                .withMessageContaining("reg:squarederror");
    }

    @Test
    void unsupportedPartsAreNamed() {
        String before = "{\"float_features\"";
        for (String kind : List.of("text", "embedding")) {
            assertThatExceptionOfType(UnsupportedModelException.class)
                    .isThrownBy(() -> TreeFiles.read(TreeFiles.CATBOOST.replace(
                            before, "{\"" + kind + "_features\":[{\"feature_id\":\"story\"}],\"float_features\"")))
                    .withMessageContaining("the " + kind + " feature 'story'");
        }
        String city =
                "\"categorical_features\":[{\"feature_id\":\"city\",\"feature_index\":0,\"flat_feature_index\":2}]";
        String statistics = "\"ctrs\":[{\"elements\":[{\"cat_feature_index\":0}]}]";
        for (String both : List.of(city + "," + statistics, statistics + "," + city)) {
            assertThatExceptionOfType(UnsupportedModelException.class)
                    .isThrownBy(() ->
                            TreeFiles.read(TreeFiles.CATBOOST.replace(before, "{" + both + ",\"float_features\"")))
                    .withMessageContaining("categorical feature 'city'")
                    .withMessageContaining("one_hot_max_size");
        }
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> TreeFiles.read(TreeFiles.LIGHTGBM.replace("version=v4", "version=v2")))
                .withMessageContaining("v3, v4");
    }

    @Test
    void limitsAreKept() {
        Limits few = Limits.standard().maxRecords(5);
        for (String file : List.of(TreeFiles.XGBOOST, TreeFiles.LIGHTGBM)) {
            assertThatExceptionOfType(ResourceLimitException.class)
                    .isThrownBy(() -> TreeFiles.read(file.getBytes(StandardCharsets.UTF_8), few))
                    .withMessageContaining("maxRecords");
        }
        Limits flat = Limits.standard().maxNesting(3);
        assertThatExceptionOfType(ResourceLimitException.class)
                .isThrownBy(() -> TreeFiles.read(TreeFiles.XGBOOST.getBytes(StandardCharsets.UTF_8), flat));
    }
}
