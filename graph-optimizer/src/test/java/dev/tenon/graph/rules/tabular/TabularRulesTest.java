package dev.tenon.graph.rules.tabular;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TabularRulesTest {
    private static String scaler(String type) {
        return "graph g(%x: " + type + ") {\n%y = ai.onnx.ml.Scaler<offset=[1.0f, 2.0f], scale=[0.5f, 0.25f]>(%x)\n"
                + "return %y\n}";
    }

    private static String imputer(String type, String attributes) {
        return "graph g(%x: " + type + ") {\n%y = ai.onnx.ml.Imputer<" + attributes + ">(%x)\nreturn %y\n}";
    }

    @Test
    void floatsAreScaled() {
        Rewrites.becomes(TabularRules.SET, "scaler", scaler("f32[n,2]"), """
                graph g(%x: f32[n,2]) {
                  %const = const f32[2] {1.0, 2.0}
                  %Sub = Sub(%x, %const)
                  %const_1 = const f32[2] {0.5, 0.25}
                  %y = Mul(%Sub, %const_1)
                  return %y
                }
                """);
    }

    @Test
    void integersAreScaledAsFloats() {
        Rewrites.becomes(TabularRules.SET, "scaler", scaler("i64[n,2]"), """
                graph g(%x: i64[n,2]) {
                  %Cast = Cast<to=1>(%x)
                  %const = const f32[2] {1.0, 2.0}
                  %Sub = Sub(%Cast, %const)
                  %const_1 = const f32[2] {0.5, 0.25}
                  %y = Mul(%Sub, %const_1)
                  return %y
                }
                """);
    }

    @Test
    void doublesAreRoundedAtTheEnd() {
        Rewrites.becomes(TabularRules.SET, "scaler", scaler("f64[n,2]"), """
                graph g(%x: f64[n,2]) {
                  %const = const f64[2] {1.0, 2.0}
                  %Sub = Sub(%x, %const)
                  %const_1 = const f64[2] {0.5, 0.25}
                  %Mul = Mul(%Sub, %const_1)
                  %y = Cast<to=1>(%Mul)
                  return %y
                }
                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"f32[n,c]", "f32[*]"})
    void columnsMustBeKnown(String type) {
        Rewrites.refuses(TabularRules.SET, "scaler", scaler(type), "known");
        Rewrites.refuses(TabularRules.SET, "imputer", imputer(type, "imputed_value_floats=[1.0f, 2.0f]"), "known");
    }

    @Test
    void missingValuesAreNaN() {
        Rewrites.becomes(
                TabularRules.SET,
                "imputer",
                imputer("f32[n,2]", "imputed_value_floats=[1.0f, 2.0f], replaced_value_float=NaNf"),
                """
                graph g(%x: f32[n,2]) {
                  %IsNaN = IsNaN(%x)
                  %const = const f32[2] {1.0, 2.0}
                  %y = Where(%IsNaN, %const, %x)
                  return %y
                }
                """);
    }

    @Test
    void aFloatIsReplacedToo() {
        Rewrites.becomes(
                TabularRules.SET,
                "imputer",
                imputer("f32[n,2]", "imputed_value_floats=[1.0f, 2.0f], replaced_value_float=-1.0f"),
                """
                graph g(%x: f32[n,2]) {
                  %const = const f32[1] {-1.0}
                  %Equal = Equal(%x, %const)
                  %const_1 = const f32[2] {1.0, 2.0}
                  %y = Where(%Equal, %const_1, %x)
                  return %y
                }
                """);
    }

    @Test
    void integersAreNeverNaN() {
        Rewrites.becomes(
                TabularRules.SET,
                "imputer",
                imputer("i64[n,2]", "imputed_value_int64s=[9007199254740993], replaced_value_float=NaNf"),
                """
                graph g(%x: i64[n,2]) {
                  %const = const i64[1] {0}
                  %Equal = Equal(%x, %const)
                  %const_1 = const i64[1] {9007199254740993}
                  %y = Where(%Equal, %const_1, %x)
                  return %y
                }
                """);
    }

    @Test
    void missingValuesAreANumber() {
        Rewrites.becomes(
                TabularRules.SET,
                "imputer",
                imputer("i64[n,2]", "imputed_value_int64s=[7], replaced_value_int64=-1"),
                """
                graph g(%x: i64[n,2]) {
                  %const = const i64[1] {-1}
                  %Equal = Equal(%x, %const)
                  %const_1 = const i64[1] {7}
                  %y = Where(%Equal, %const_1, %x)
                  return %y
                }
                """);
    }

    @Test
    void theReplacedValueMustBeOfTheType() {
        String attributes = "imputed_value_int64s=[7], replaced_value_int64=";
        Rewrites.refuses(
                TabularRules.SET, "imputer", imputer("i32[n,2]", attributes + ((1L << 32) + 5)), "the replaced value");
        Rewrites.fires(TabularRules.SET, "imputer", imputer("i32[n,2]", attributes + Integer.MIN_VALUE));
        Rewrites.fires(TabularRules.SET, "imputer", imputer("i64[n,2]", attributes + ((1L << 32) + 5)));
    }
}
