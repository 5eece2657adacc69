package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
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
    private static final OpSet SET = OpSet.lazy(Domains.ML, TabularOperators::make);

    private TabularOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(new ArrayFeatureExtractor()),
                op(Binarizer.SCHEMA, Binarizer.class, Binarizer::of),
                op(CastMap.SCHEMA, CastMap.class, CastMap::of),
                op(CategoryMapper.SCHEMA, CategoryMapper.class, CategoryMapper::of),
                op(DictVectorizer.SCHEMA, DictVectorizer.class, DictVectorizer::of),
                op(FeatureVectorizer.SCHEMA, FeatureVectorizer.class, FeatureVectorizer::of),
                op(Imputer.SCHEMA, Imputer.class, Imputer::of),
                op(LabelEncoder.SCHEMA, LabelEncoder.class, LabelEncoder::of),
                op(Normalizer.SCHEMA, Normalizer.class, Normalizer::of),
                op(OneHotEncoder.SCHEMA, OneHotEncoder.class, OneHotEncoder::of),
                op(Scaler.SCHEMA, Scaler.class, Scaler::of),
                op(ZipMap.SCHEMA, ZipMap.class, ZipMap::of),
                op(LinearClassifier.SCHEMA, LinearClassifier.class, LinearClassifier::of),
                op(LinearRegressor.SCHEMA, LinearRegressor.class, LinearRegressor::of),
                op(SVMClassifier.SCHEMA, SVMClassifier.class, SVMClassifier::of),
                op(SVMRegressor.SCHEMA, SVMRegressor.class, SVMRegressor::of),
                op(TreeEnsemble.SCHEMA, TreeEnsemble.class, TreeEnsemble::of),
                op(TreeEnsembleClassifier.SCHEMA, TreeEnsembleClassifier.class, TreeEnsembleClassifier::of),
                op(TreeEnsembleRegressor.SCHEMA, TreeEnsembleRegressor.class, TreeEnsembleRegressor::of));
    }
}
