package dev.tenon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.error.TenonException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders as MLflow's save_model writes them. */
class MlflowModelTest {
    private static final Path DOUBLE =
            Path.of(System.getProperty("tenon.root", "../..")).resolve("samples/cli/consumer/double.onnx");

    private static final String ONNX = """
            artifact_path: model
            flavors:
              onnx:
                code: null
                data: model.onnx
                onnx_version: 1.16.0
                providers:
                - CUDAExecutionProvider
                - CPUExecutionProvider
              python_function:
                data: model.onnx
                env:
                  conda: conda.yaml
                  virtualenv: python_env.yaml
                loader_module: mlflow.onnx
                python_version: 3.11.7
            mlflow_version: 2.14.1
            model_size_bytes: 173
            model_uuid: 8d2c1b2bd6a94a6e9d1cf2e0b8a7f0c3
            run_id: 0f3ab4e4c1d04d1b8a9b8a1ff1f0a2c5
            signature:
              inputs: '[{"name": "x", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape":
                [-1, 4]}}]'
              outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
              params: null
            utc_time_created: '2024-07-01 10:11:12.131415'
            """;

    /** A tree over age and income. */
    private static final String TREE =
            "{\"default_left\":[0,0,0],\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],"
                    + "\"split_conditions\":[30,1,2],\"split_indices\":[0,0,0]}";

    private static final String BOOSTER = "{\"learner\":{\"attributes\":{},\"feature_names\":[\"age\",\"income\"],"
            + "\"gradient_booster\":{\"model\":{\"tree_info\":[0],\"trees\":[" + TREE
            + "]},\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"0\",\"num_feature\":\"2\"},"
            + "\"objective\":{\"name\":\"reg:squarederror\"}},\"version\":[3,0,0]}";

    @TempDir
    private Path root;

    private Path folder(String text) throws IOException {
        Path folder = Files.createDirectories(root.resolve("model"));
        Files.writeString(folder.resolve("MLmodel"), text);
        Files.copy(DOUBLE, folder.resolve("model.onnx"));
        return folder;
    }

    private TenonException refused(Class<? extends TenonException> type, String text) throws IOException {
        Path folder = folder(text);
        Throwable[] thrown = new Throwable[1];
        assertThatThrownBy(() -> Hub.mlflow(folder)).isInstanceOf(type).satisfies(e -> thrown[0] = e);
        Files.delete(folder.resolve("model.onnx"));
        return (TenonException) thrown[0];
    }

    @Test
    void onnx() throws IOException {
        Path folder = folder(ONNX);
        MlflowModel model = Hub.mlflow(folder);
        assertThat(model.flavor()).isEqualTo("onnx");
        assertThat(model.path()).isEqualTo(folder.resolve("model.onnx"));
        assertThat(model.runId()).hasValue("0f3ab4e4c1d04d1b8a9b8a1ff1f0a2c5");
        assertThat(model.inputs()).containsExactly(new MlflowColumn("x", "float32", List.of(-1L, 4L), true, true));
        assertThat(model.outputs()).containsExactly(new MlflowColumn("", "float32", List.of(-1L, 4L), true, true));
        Model loaded = model.load();
        assertThat(loaded.inputs().getFirst().name())
                .isEqualTo(model.inputs().getFirst().name());
    }

    @Test
    void xgboost() throws IOException {
        Path folder = folder("""
                flavors:
                  python_function:
                    data: model.json
                    loader_module: mlflow.xgboost
                  xgboost:
                    data: model.json
                    model_class: xgboost.core.Booster
                    model_format: json
                    xgb_version: 2.1.0
                signature:
                  inputs: '[{"type": "long", "name": "age", "required": true}, {"type": "double", "name":
                    "income", "required": false}, {"type": "string", "name": "city", "optional": true}]'
                  outputs: '[{"type": "float", "required": true}]'
                """);
        Files.writeString(folder.resolve("model.json"), BOOSTER);
        MlflowModel model = Hub.mlflow(folder);
        assertThat(model.flavor()).isEqualTo("xgboost");
        assertThat(model.inputs())
                .containsExactly(
                        new MlflowColumn("age", "long", List.of(), false, true),
                        new MlflowColumn("income", "double", List.of(), false, false),
                        new MlflowColumn("city", "string", List.of(), false, false));
        Model loaded = model.load();
        Tensor rows = Tensor.of(new float[] {20, 1, 40, 1}, 2, 2);
        assertThat(loaded.predict(Map.of(loaded.inputs().getFirst().name(), rows))
                        .tensor(loaded.outputs().getFirst().name())
                        .toFloatArray())
                .containsExactly(1, 2);
    }

    @ParameterizedTest
    @CsvSource({"lightgbm,model.lgb", "catboost,model.cb", "onnx,sub/model.onnx"})
    void theFileIsThatOfTheFlavor(String flavor, String data) throws IOException {
        Path folder = folder("flavors: {" + flavor + ": {data: " + data + "}}");
        Files.createDirectories(folder.resolve("sub"));
        Files.write(folder.resolve(data), new byte[1]);
        MlflowModel model = Hub.mlflow(folder);
        assertThat(model.flavor()).isEqualTo(flavor);
        assertThat(model.path()).isEqualTo(folder.resolve(data));
        assertThat(model.inputs()).isEmpty();
        assertThat(model.outputs()).isEmpty();
        assertThat(model.runId()).isEmpty();
    }

    @Test
    void theFileMayStandAtTheOtherFlavorAlone() throws IOException {
        Path folder = folder("flavors: {onnx: {onnx_version: 1.0.0}, python_function: {data: model.onnx}}");
        assertThat(Hub.mlflow(folder).load().outputs()).isNotEmpty();
    }

    @Test
    void otherFlavorsAreNamedWithTheAllowedOnes() throws IOException {
        TenonException e = refused(
                UnsupportedModelException.class, "flavors: {sklearn: {pickled_model: model.pkl}, python_function: {}}");
        assertThat(e.found()).contains("sklearn").contains("python_function");
        assertThat(e.allowed()).isEqualTo("onnx, xgboost, lightgbm, catboost");
    }

    @Test
    void picklesAreNamed() throws IOException {
        TenonException e =
                refused(UnsupportedModelException.class, "flavors: {lightgbm: {data: model.pkl, model_class: x}}");
        assertThat(e).hasMessageContaining("a pickle of Python").hasMessageContaining("booster_");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../model.onnx",
                "/etc/passwd",
                "sub/../../secret",
                "..",
                ".",
                "C:\\\\x",
                "link",
                "dir/secret",
                "absent.onnx"
            })
    void pathsOutsideTheFolderAreRefused(String data) throws IOException {
        Files.write(root.resolve("secret"), new byte[1]);
        Files.write(root.resolve("model.onnx"), new byte[1]);
        Files.createDirectories(root.resolve("model/sub"));
        Files.createSymbolicLink(root.resolve("model/link"), root.resolve("secret"));
        Files.createSymbolicLink(root.resolve("model/dir"), root);
        TenonException e = refused(ModelFileException.class, "flavors: {onnx: {data: \"" + data + "\"}}");
        assertThat(e).hasMessageContaining(data.replace("\\\\", "\\"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "flavors: 1",
                "flavors: {onnx: model.onnx}",
                "flavors: {onnx: {data: 7}}",
                "flavors: {onnx: {}}",
                "flavors: {onnx: {data: a}, onnx: {data: b}}",
                "flavors: &a {onnx: *a}",
                "a: &a [x, x]\nb: &b [*a, *a]\nflavors: {onnx: {data: model.onnx}}",
                "flavors: {onnx: {data: !!java.io.File [x]}}",
                "flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: 'no json ['}",
                "flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: '{}'}",
                "flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: '[1]'}",
                "flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: '[{}]'}",
                "flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: '[{\"type\": \"tensor\"}]'}",
                "flavors: {onnx: {data: model.onnx}}\nsignature: {inputs: '[{\"type\": \"long\", \"required\": 1}]'}",
                "a\tb: [",
                "--- a\n--- b",
                "\u0001"
            })
    void otherTextsAreRefused(String text) throws IOException {
        TenonException e = refused(MalformedModelException.class, text);
        assertThat(e.thing()).endsWith("MLmodel");
    }

    @Test
    void deepTextsAreRefused() throws IOException {
        refused(MalformedModelException.class, "flavors: " + "[".repeat(100_000));
        refused(MalformedModelException.class, "#".repeat((1 << 20) + 1));
    }

    @Test
    void aFolderWithoutMlmodelIsRefused() {
        assertThatThrownBy(() -> Hub.mlflow(root))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("MLmodel");
    }
}
