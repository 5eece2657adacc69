package dev.tenon.benchmarks.operators;

import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Single operators, as models of one node: Tenon against its peers. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class OperatorBenchmark {
    /** An operator in one engine. */
    @State(Scope.Benchmark)
    public static class Call {
        /** The operator, see {@link OperatorCase}. */
        @Param({
            "gemm_1024x1024x1024",
            "gemm_128x384x1536",
            "gemm_128x1536x384",
            "gemm_16x384x1536",
            "gemm_1x1024x4096",
            "gemm_u8s8_1024x1024x1024",
            "gemm_u8s8_128x384x1536",
            "gemm_u8s8_128x1536x384",
            "gemm_u8s8_16x384x1536",
            "gemm_u8s8u8_1024x1024x1024",
            "gemm_u8s8u8_128x384x1536",
            "gemm_u8s8u8_128x1536x384",
            "gemm_u8s8u8_16x384x1536",
            "gemm_f32u8_128x384x1536",
            "gemm_f32bf16_1024x1024x1024",
            "gemm_f32bf16_128x384x1536",
            "gemm_f32bf16_128x1536x384",
            "gemm_f32bf16_16x384x1536",
            "conv3x3_64x64_56",
            "conv3x3_256x256_14",
            "conv3x3_512x512_7",
            "conv1x1_256x64_56",
            "convadd1x1_64x256_56",
            "conv1x1_512x2048_7",
            "conv7x7s2_3x64_224",
            "lastconv3x3_64x64_56",
            "lastconv3x3_512x512_7",
            "lastconv1x1_256x64_56",
            "lastconvadd1x1_64x256_56",
            "lastconv1x1_512x2048_7",
            "lastconv7x7s2_3x64_224",
            "qconv3x3_512x512_7",
            "qconv1x1_256x64_56",
            "qconv1x1_64x256_56",
            "qconv1x1_512x2048_7",
            "qconv7x7s2_3x64_224",
            "depthwise3x3_144_56",
            "layernorm_1024x768",
            "softmax_8x12x128x128",
            "gelu_128x1536"
        })
        public String operator;

        /** The engine, see {@link Engines}. */
        @Param({Engines.TENON, Engines.ONNXRUNTIME})
        public String engine;

        PreparedRun prepared;

        /** Makes the model. */
        @Setup
        public void prepare() {
            prepared = OperatorCase.of(operator).prepare(engine);
        }

        /** Frees the model. */
        @TearDown
        public void close() {
            prepared.close();
        }
    }

    /**
     * Runs the operator.
     *
     * @param call the prepared call
     */
    @Benchmark
    public void predict(Call call) {
        call.prepared.run();
    }
}
