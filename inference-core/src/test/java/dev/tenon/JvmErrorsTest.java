package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ModelFileException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JvmErrorsTest {
    private static final String UNINITIALISED = "Could not initialize class dev.tenon.op.Any";

    /** A class whose initialisation fails by an error. */
    private static LinkageError uninitialised(Throwable cause) {
        LinkageError e = new NoClassDefFoundError(UNINITIALISED);
        e.initCause(cause);
        return e;
    }

    static Stream<Error> lackOfResources() {
        return Stream.of(
                new OutOfMemoryError("Java heap space"),
                new StackOverflowError(),
                new ExceptionInInitializerError(new OutOfMemoryError("Metaspace")),
                new NoClassDefFoundError(UNINITIALISED),
                uninitialised(new ExceptionInInitializerError(
                        "Exception java.lang.StackOverflowError [in thread \"main\"]")));
    }

    @ParameterizedTest
    @MethodSource
    void lackOfResources(Error error) {
        assertThat(JvmErrors.typed("work", error))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("work")
                .hasCause(error);
    }

    static Stream<Error> othersArePassedOn() {
        return Stream.of(
                new InternalError("a bug"),
                new InternalError(),
                new NoSuchMethodError("dev.tenon.tensor.Tensor.none()"),
                new NoClassDefFoundError("dev/tenon/op/Missing"),
                new UnsupportedClassVersionError("dev/tenon/op/Any"),
                new ExceptionInInitializerError(new IllegalStateException("a bug")),
                uninitialised(new ExceptionInInitializerError(
                        "Exception java.lang.IllegalStateException: a bug [in thread \"main\"]")));
    }

    @ParameterizedTest
    @MethodSource
    void othersArePassedOn(Error error) {
        assertThatThrownBy(() -> {
                    throw JvmErrors.typed("work", error);
                })
                .isSameAs(error);
        assertThatThrownBy(() -> JvmErrors.typed("work", () -> {
                    throw error;
                }))
                .isSameAs(error);
    }

    /** Both sentences are HotSpot's. */
    @Test
    void aLostPageIsTheFile() {
        for (String words : new String[] {
            "a fault occurred in an unsafe memory access operation",
            "a fault occurred in a recent unsafe memory access operation in compiled Java code"
        }) {
            assertThat(JvmErrors.typed("model.onnx", new InternalError(words)))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("model.onnx")
                    .hasMessageContaining("LoadOptions.copied()");
        }
    }
}
