package dev.tenon.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Identity;
import dev.tenon.samples.serve.InferenceServer;
import dev.tenon.samples.serve.Metrics;
import dev.tenon.samples.serve.ServerOptions;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Asks the server of samples/cli. Its model "echo" hands an input of each type on. */
class TenonClientTest {
    private static final Map<String, ClientTensor> INPUTS = new LinkedHashMap<>();
    private static InferenceServer server;
    private static RemoteModel echo;

    @BeforeAll
    static void start() throws IOException {
        INPUTS.put("f32", ClientTensor.ofFloats(new float[] {1.5f, Float.NaN, Float.NEGATIVE_INFINITY, -0f}, 2, 2));
        INPUTS.put("f64", ClientTensor.ofDoubles(new double[] {Math.PI, Double.MIN_VALUE}, 2));
        INPUTS.put("i64", ClientTensor.ofLongs(new long[] {Long.MIN_VALUE, Long.MAX_VALUE}, 2));
        INPUTS.put("i32", ClientTensor.ofInts(new int[] {Integer.MIN_VALUE, 7}, 2));
        INPUTS.put("i8", ClientTensor.ofBytes(new byte[] {-128, 127}, 2));
        INPUTS.put("bool", ClientTensor.ofBooleans(new boolean[] {true, false}, 2));
        INPUTS.put("string", ClientTensor.ofStrings(new String[] {"", "Grüße, 你好"}, 2));
        GraphBuilder graph = new GraphBuilder("echo");
        for (String type : INPUTS.keySet()) {
            Value value = graph.input(type, ValueType.parse(type + (type.equals("f32") ? "[n,2]" : "[k]")));
            graph.output("out-" + type, graph.add(new Identity(), value));
        }
        server = new InferenceServer(ServerOptions.standard().at("127.0.0.1", 0), new Metrics());
        server.served().load("echo", "1", Model.of(graph.build()));
        server.start();
        echo = TenonClient.to(URI.create(server.address())).model("echo");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static ClientException failure(RemoteModel model, Map<String, ClientTensor> inputs) {
        ClientException e = catchThrowableOfType(ClientException.class, () -> model.predict(inputs));
        assertThat(e).isNotNull();
        return e;
    }

    @Test
    void eachTypeComesBack() {
        Prediction prediction = echo.predict(INPUTS);
        assertThat(prediction.version()).isEqualTo("1");
        assertThat(prediction.outputs()).hasSize(INPUTS.size());
        INPUTS.forEach(
                (name, tensor) -> assertThat(prediction.output("out-" + name)).isEqualTo(tensor));
        assertThat(prediction.output("out-f32").floats())
                .containsExactly(1.5f, Float.NaN, Float.NEGATIVE_INFINITY, -0f);
        assertThat(prediction.output("out-f32").shape()).containsExactly(2, 2);
        assertThat(prediction.output("out-f64").doubles()).containsExactly(Math.PI, Double.MIN_VALUE);
        assertThat(prediction.output("out-i64").longs()).containsExactly(Long.MIN_VALUE, Long.MAX_VALUE);
        assertThat(prediction.output("out-i32").ints()).containsExactly(Integer.MIN_VALUE, 7);
        assertThat(prediction.output("out-i8").bytes()).containsExactly(-128, 127);
        assertThat(prediction.output("out-bool").booleans()).containsExactly(true, false);
        assertThat(prediction.output("out-string").strings()).containsExactly("", "Grüße, 你好");
    }

    @Test
    void theCallerChoosesOutputsAndVersion() {
        Prediction prediction =
                echo.version("1").id("a").outputs("out-i8").predictAsync(INPUTS).join();
        assertThat(prediction.outputs()).containsOnlyKeys("out-i8");
        assertThat(catchThrowableOfType(ClientException.class, () -> prediction.output("out-f32")))
                .hasMessageContaining("out-i8");
    }

    @Test
    void theServerTellsWhatTheModelTakes() {
        ModelInfo info = echo.info();
        assertThat(info.name()).isEqualTo("echo");
        assertThat(info.versions()).containsExactly("1");
        assertThat(info.inputs()).contains(new ModelInfo.Value("f32", "FP32", List.of(-1L, 2L)));
        assertThat(info.outputs()).hasSize(INPUTS.size());
    }

    @Test
    void errorsAreThoseOfTheServer() {
        TenonClient client = TenonClient.to(URI.create(server.address()));
        ClientException unknown = failure(client.model("a/b ?"), INPUTS);
        assertThat(unknown.reason()).isEqualTo(ClientException.Reason.NOT_FOUND);
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown).hasMessageContaining("a/b ?");
        assertThat(failure(echo.version("9"), INPUTS).reason()).isEqualTo(ClientException.Reason.NOT_FOUND);
        Map<String, ClientTensor> other = new LinkedHashMap<>(INPUTS);
        other.put("f32", ClientTensor.ofFloats(new float[] {1, 2, 3}, 1, 3));
        ClientException invalid = failure(echo, other);
        assertThat(invalid.reason()).isEqualTo(ClientException.Reason.INVALID);
        assertThat(invalid).hasMessageContaining("f32");
        assertThat(failure(echo.outputs("none"), INPUTS)).hasMessageContaining("none");
        assertThat(failure(client.maxAnswerBytes(10).model("echo"), INPUTS).reason())
                .isEqualTo(ClientException.Reason.TOO_LARGE);
    }

    /** A model that multiplies large matrices many times. */
    private static Model slow() {
        int size = 1024;
        int times = 40;
        GraphBuilder graph = new GraphBuilder("slow");
        Value square = graph.constant("square", Tensor.allocate(DType.FLOAT32, size, size));
        Value y = graph.add(new Add(), graph.input("x", ValueType.parse("f32[1," + size + "]")), square);
        for (int i = 0; i < times; i++) {
            y = graph.add(new MatMul(), y, square);
        }
        return Model.of(graph.output("y", y).build());
    }

    @Test
    void aModelThatTakesTooLongEndsWithTheTime() {
        server.served().load("slow", "1", slow());
        RemoteModel model = TenonClient.to(URI.create(server.address()))
                .timeout(Duration.ofMillis(50))
                .model("slow");
        Map<String, ClientTensor> inputs = Map.of("x", ClientTensor.ofFloats(new float[1024], 1, 1024));
        assertThat(failure(model, inputs).reason()).isEqualTo(ClientException.Reason.DEADLINE);
        assertThat(echo.predict(INPUTS).outputs()).as("a later call").hasSize(INPUTS.size());
    }

    @Test
    void whatTheClientDoesNotTakeIsNotSent() {
        assertThat(failure(echo, Map.of()).reason()).isEqualTo(ClientException.Reason.INVALID);
        assertThat(catchThrowableOfType(ClientException.class, () -> ClientTensor.ofFloats(new float[3], 2, 2)))
                .hasMessageContaining("[2, 2]");
        assertThat(catchThrowableOfType(
                        ClientException.class, () -> TenonClient.to(URI.create("http://user:secret@host"))))
                .hasMessageContaining("without user")
                .hasMessageNotContaining("secret");
    }

    @Test
    void aServerThatIsNotThereIsUnreachable() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        RemoteModel model =
                TenonClient.to(URI.create("http://127.0.0.1:" + free)).model("echo");
        assertThat(failure(model, INPUTS).reason()).isEqualTo(ClientException.Reason.UNREACHABLE);
    }
}
