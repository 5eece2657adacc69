package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.tabular.ArrayFeatureExtractor;
import dev.tenon.op.tabular.Binarizer;
import dev.tenon.op.tabular.CastMap;
import dev.tenon.op.tabular.CategoryMapper;
import dev.tenon.op.tabular.DictVectorizer;
import dev.tenon.op.tabular.FeatureVectorizer;
import dev.tenon.op.tabular.Imputer;
import dev.tenon.op.tabular.LabelEncoder;
import dev.tenon.op.tabular.LinearClassifier;
import dev.tenon.op.tabular.LinearRegressor;
import dev.tenon.op.tabular.Normalizer;
import dev.tenon.op.tabular.OneHotEncoder;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.op.tabular.SVMRegressor;
import dev.tenon.op.tabular.Scaler;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.op.tabular.ZipMap;

/** Operators on tables, of the domain {@code ai.onnx.ml}. */
final class TabularOperators {
    private static final OpSet SET = OpSet.byName(
            Domains.ML,
            TabularOperators::make,
            "ArrayFeatureExtractor",
            "Binarizer",
            "CastMap",
            "CategoryMapper",
            "DictVectorizer",
            "FeatureVectorizer",
            "Imputer",
            "LabelEncoder",
            "Normalizer",
            "OneHotEncoder",
            "Scaler",
            "ZipMap",
            "LinearClassifier",
            "LinearRegressor",
            "SVMClassifier",
            "SVMRegressor",
            "TreeEnsemble",
            "TreeEnsembleClassifier",
            "TreeEnsembleRegressor");

    private TabularOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "ArrayFeatureExtractor" -> op(new ArrayFeatureExtractor());
            case "Binarizer" -> op(Binarizer.SCHEMA, Binarizer.class, Binarizer::of);
            case "CastMap" -> op(CastMap.SCHEMA, CastMap.class, CastMap::of);
            case "CategoryMapper" -> op(CategoryMapper.SCHEMA, CategoryMapper.class, CategoryMapper::of);
            case "DictVectorizer" -> op(DictVectorizer.SCHEMA, DictVectorizer.class, DictVectorizer::of);
            case "FeatureVectorizer" -> op(FeatureVectorizer.SCHEMA, FeatureVectorizer.class, FeatureVectorizer::of);
            case "Imputer" -> op(Imputer.SCHEMA, Imputer.class, Imputer::of);
            case "LabelEncoder" -> op(LabelEncoder.SCHEMA, LabelEncoder.class, LabelEncoder::of);
            case "Normalizer" -> op(Normalizer.SCHEMA, Normalizer.class, Normalizer::of);
            case "OneHotEncoder" -> op(OneHotEncoder.SCHEMA, OneHotEncoder.class, OneHotEncoder::of);
            case "Scaler" -> op(Scaler.SCHEMA, Scaler.class, Scaler::of);
            case "ZipMap" -> op(ZipMap.SCHEMA, ZipMap.class, ZipMap::of);
            case "LinearClassifier" -> op(LinearClassifier.SCHEMA, LinearClassifier.class, LinearClassifier::of);
            case "LinearRegressor" -> op(LinearRegressor.SCHEMA, LinearRegressor.class, LinearRegressor::of);
            case "SVMClassifier" -> op(SVMClassifier.SCHEMA, SVMClassifier.class, SVMClassifier::of);
            case "SVMRegressor" -> op(SVMRegressor.SCHEMA, SVMRegressor.class, SVMRegressor::of);
            case "TreeEnsemble" -> op(TreeEnsemble.SCHEMA, TreeEnsemble.class, TreeEnsemble::of);
            case "TreeEnsembleClassifier" ->
                op(TreeEnsembleClassifier.SCHEMA, TreeEnsembleClassifier.class, TreeEnsembleClassifier::of);
            case "TreeEnsembleRegressor" ->
                op(TreeEnsembleRegressor.SCHEMA, TreeEnsembleRegressor.class, TreeEnsembleRegressor::of);
            default -> null;
        };
    }
}
