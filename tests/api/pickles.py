"""Sends everything through pickle, as other processes get it; what comes back is equal."""

import pickle
import sys

import locktool as lt

lock, project = lt.Lock.read(), lt.Project.load()
resolution = lt.resolve(["app"], index=sys.argv[1])
cached = lt.CacheReader().packages("app")
texts = [lt.Version("1.0rc1"), lt.SpecifierSet(">=1,<2"), lt.Marker("os_name == 'nt'"), lt.Requirement("a[b]>=1")]
made = [lock, project, resolution, lt.check(project), lt.diff(lock, resolution.lock), lt.MarkerEnvironment.current()]
asked = [lock.select(groups=[]), lock.dependencies(), lock.why("base"), cached]
for value in (*texts, *made, *asked):
    assert pickle.loads(pickle.dumps(value)) == value
try:
    lock.why("nothing")
except lt.LocktoolError as error:
    again = pickle.loads(pickle.dumps(error))
    print(again.code == error.code, again.fields == error.fields, len((*texts, *made, *asked)))
